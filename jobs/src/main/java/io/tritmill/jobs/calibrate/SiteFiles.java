package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.calibrate.stream.NumberFiles;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.Attention;
import io.tritmill.kernels.model.Experts;
import io.tritmill.kernels.model.FeedForward;
import io.tritmill.kernels.model.LossMetric;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.forward.ForwardPass;
import io.tritmill.kernels.model.forward.Routes;
import io.tritmill.kernels.model.forward.SublayerWeights;
import io.tritmill.kernels.model.forward.Taps;
import io.tritmill.kernels.model.loss.AttentionConcentration;
import io.tritmill.kernels.model.loss.FeedForwardCurvature;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.tensor.Matrix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;

/**
 * Writes what one chunk brings to the sites of a stage: as much of it as the sums that were asked
 * for need.
 */
final class SiteFiles {
  private final GatherChunk work;
  private final Storage storage;
  private final GatherChunk.Input input;
  private final String attempt;
  private final ForwardPass forward;
  private final int[] lengths;
  private final int tokens;
  private final Sublayer sublayer;
  private Routes routes; // of the compressed stream, which count for both; null without experts

  /**
   * A residual stream before the sublayer of the site.
   *
   * @param weights of the sublayer
   * @param x (tokens, hidden); left as it is
   */
  record Stream(SublayerWeights weights, float[] x) {}

  SiteFiles(GatherChunk work, GatherChunk.Input input, String attempt, ForwardPass forward) {
    this.work = work;
    this.storage = work.storage();
    this.input = input;
    this.attempt = attempt;
    this.forward = forward;
    lengths = input.chunk().lengths();
    tokens = input.chunk().tokens();
    sublayer = work.source().architecture().sublayer(input.site());
  }

  /**
   * Writes it.
   *
   * @param attention that each token got in the sublayer before this one, (tokens); null where it
   *     is not known, or not asked for
   */
  ChunkInputs write(Stream clean, Stream compressed, float[] attention) throws IOException {
    if (input.sums().isEmpty()) {
      return ChunkInputs.none(input.chunk());
    }
    Inputs inputs = inputs("inputs", compressed);
    Inputs ofClean = asks(Need.INPUT_ERROR) ? inputs("clean-inputs", clean) : Inputs.NONE;
    return new ChunkInputs(
        input.chunk().index(),
        input.chunk().heldOut(),
        rows(inputs, ofClean),
        inputs.file(),
        ofClean.file(),
        asks(Need.RESIDUAL_ERROR) ? numbers("residual", less(clean.x(), compressed.x())) : "",
        weights(clean, attention),
        asks(LossMetric.UP) ? derivatives(clean) : null,
        asks(LossMetric.QUERY) ? heads(clean) : "");
  }

  private StageRows rows(Inputs inputs, Inputs clean) {
    return input.site().routed()
        ? StageRows.routed(tokens, routes, inputs.checksums(), clean.checksums())
        : StageRows.all(tokens);
  }

  private boolean asks(Need need) {
    return input.sums().stream().anyMatch(sum -> sum.need() == need);
  }

  private boolean asks(LossMetric metric) {
    return input.sums().stream().anyMatch(sum -> sum.metric() == metric);
  }

  private static float[] less(float[] x, float[] y) {
    float[] less = new float[x.length];
    for (int i = 0; i < less.length; i++) {
      less[i] = x[i] - y[i];
    }
    return less;
  }

  private Path path(String name) {
    return new Path(
        work.directory(),
        "%s-%d-%d.%s".formatted(name, input.site().stage(), input.chunk().index(), attempt));
  }

  private String numbers(String name, float[] x) throws IOException {
    Path path = path(name);
    NumberFiles.write(storage, path, x, x.length);
    return path.toString();
  }

  /**
   * A file of what comes to the stage.
   *
   * @param checksums of the rows of each expert; null where there are none
   */
  private record Inputs(String file, long[] checksums) {
    static final Inputs NONE = new Inputs("", null);
  }

  /** Runs a stream to the stage. */
  private Inputs inputs(String name, Stream stream) throws IOException {
    Path path = path(name);
    try (NumberFiles.Writer file = NumberFiles.create(storage, path)) {
      ToStage taps = new ToStage(file);
      forward.run(sublayer, stream.weights(), stream.x(), lengths, taps, input.site());
      file.commit();
      return new Inputs(path.toString(), taps.checksums);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Appends what comes to the stage, and holds every stream to the routes of the first. */
  private final class ToStage implements Taps {
    private final NumberFiles.Writer file;
    private long[] checksums; // null without experts
    private int expert = -1;

    ToStage(NumberFiles.Writer file) {
      this.file = file;
    }

    @Override
    public Routes route(Experts experts, Routes own) {
      if (input.site().routed()) {
        routes = routes == null ? own : routes;
        checksums = new long[routes.ends().length];
        return routes;
      }
      return own;
    }

    @Override
    public void see(Site site, int count, int columns, float[] seen) {
      if (!site.besides(input.site())) {
        return;
      }
      if (site.expert() != expert) {
        expert = site.expert();
        file.beginPart();
      }
      append(file, seen, count * columns);
      if (site.routed()) {
        checksums[expert] = file.partChecksum();
      }
    }
  }

  private static void append(NumberFiles.Writer file, float[] x, int count) {
    try {
      file.write(x, count);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The weights of the tokens for each least weight that sums ask for. */
  private TreeMap<Double, String> weights(Stream clean, float[] attention) throws IOException {
    TreeMap<Double, String> files = new TreeMap<>();
    float[] known = sublayer.operator().attends() ? null : attention;
    for (Sum sum : input.sums()) {
      double least = sum.leastWeight();
      if (least == 1 || files.containsKey(least)) {
        continue;
      }
      if (known == null) {
        known = concentration(clean);
      }
      float[] weights = AttentionConcentration.weights(known, lengths, least);
      files.put(least, numbers("weights-" + files.size(), inOrderOfRows(weights)));
    }
    return files;
  }

  private float[] inOrderOfRows(float[] ofTokens) {
    if (!input.site().routed()) {
      return ofTokens;
    }
    float[] ofRows = new float[routes.tokens().length];
    for (int row = 0; row < ofRows.length; row++) {
      ofRows[row] = ofTokens[routes.tokens()[row]];
    }
    return ofRows;
  }

  /** The attention that each token gets in this sublayer; alike for all where it is none. */
  private float[] concentration(Stream clean) {
    AttentionConcentration seen = new AttentionConcentration(tokens);
    if (sublayer.operator().attends()) {
      Site last = sublayer.sites().getLast();
      forward.run(sublayer, clean.weights(), clean.x(), lengths, seen, last);
    }
    return seen.sums();
  }

  private ChunkInputs.Derivatives derivatives(Stream clean) throws IOException {
    Path byGate = path("by-gate");
    Path byUp = path("by-up");
    FeedForward module = (FeedForward) sublayer.operator();
    int columns = module.width();
    try (NumberFiles.Writer gate = NumberFiles.create(storage, byGate);
        NumberFiles.Writer up = NumberFiles.create(storage, byUp)) {
      FeedForwardCurvature taps =
          new FeedForwardCurvature(
              module,
              (count, ofGate, ofUp) -> {
                append(gate, ofGate, count * columns);
                append(up, ofUp, count * columns);
              });
      forward.run(sublayer, clean.weights(), clean.x(), lengths, taps, module.down().site());
      gate.commit();
      up.commit();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    int products = Math.toIntExact(FeedForwardCurvature.sampled(tokens));
    return new ChunkInputs.Derivatives(products, byGate.toString(), byUp.toString());
  }

  /** Sums for the metrics of query and key. */
  private String heads(Stream clean) throws IOException {
    List<Sum> sums = input.sums().stream().filter(sum -> sum.metric() != null).toList();
    Matrix curvature = input.curvature().read(storage, work.source().rotations());
    Path path = path("heads");
    try (NumberFiles.Writer file = NumberFiles.create(storage, path)) {
      new HeadSums(sublayer, (Attention) sublayer.operator(), sums)
          .write(forward, clean.weights(), curvature, clean.x(), lengths, file);
      file.commit();
    }
    return path.toString();
  }
}
