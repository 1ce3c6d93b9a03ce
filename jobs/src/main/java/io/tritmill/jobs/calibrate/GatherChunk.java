package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.calibrate.stream.HiddenError;
import io.tritmill.jobs.calibrate.stream.NumberFiles;
import io.tritmill.jobs.calibrate.stream.StreamFiles;
import io.tritmill.jobs.model.ModelReader;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.SharedMatrices;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.forward.ForwardPass;
import io.tritmill.kernels.model.forward.SublayerWeights;
import io.tritmill.kernels.model.forward.Taps;
import io.tritmill.kernels.model.loss.AttentionConcentration;
import io.tritmill.kernels.tensor.WeightRows;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/**
 * Takes the streams of a chunk a step further and keeps what enters a site.
 *
 * <p>A step begins where the last one left the streams in files, where a sublayer begins, and ends
 * at the next site. Where the last one ended at the last module of a sublayer, it begins there.
 * Clean and compressed stream pass the same code; a layer that is not compressed yet is that of the
 * full-precision model in both.
 *
 * @param storage file systems
 * @param source the full-precision model, transformed if the recipe says so
 * @param directory where files go
 * @param weighsTokens whether layers ask for the attention that tokens get
 * @param shared the matrices of this job's step
 */
record GatherChunk(
    Storage storage,
    ModelSource source,
    String directory,
    boolean weighsTokens,
    SharedMatrices shared)
    implements Tasks.Work<GatherChunk.Input, GatherChunk.Gathered> {

  /**
   * A step.
   *
   * @param chunk the sequences
   * @param streams where its streams lie
   * @param site where to go; null to leave the last sublayer behind
   * @param solved compressed layers from where the streams are to the site
   * @param sums what will be summed of the chunk's inputs; empty to only move on
   * @param curvature that of the loss, for the sums of output metrics; null without them
   */
  record Input(
      CalibrationChunk chunk,
      StreamFiles streams,
      Site site,
      ArrayList<SolvedLayer> solved,
      ArrayList<Sum> sums,
      LastStream curvature)
      implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /**
   * What came of it.
   *
   * @param streams where the streams lie now
   * @param inputs what the chunk brought to the site
   * @param hidden the compressed stream's error where a block was left; null elsewhere
   */
  record Gathered(StreamFiles streams, ChunkInputs inputs, HiddenError hidden)
      implements Serializable {}

  @Override
  public Gathered apply(Input input, String attempt) throws IOException {
    return new Step(input, attempt).run();
  }

  /** One step at work. */
  private final class Step {
    private final Input input;
    private final String attempt;
    private final int[] lengths;
    private final int tokens;
    private final Architecture model;
    private final ForwardPass forward;
    private StreamFiles streams;
    private float[] clean; // (tokens, hidden)
    private float[] compressed; // the same array while the streams are alike
    private HiddenError error;
    private float[] attention; // (tokens), what each got in the sublayer that was passed; or null

    Step(Input input, String attempt) {
      this.input = input;
      this.attempt = attempt;
      lengths = input.chunk().lengths();
      tokens = input.chunk().tokens();
      model = source.architecture();
      forward =
          new ForwardPass(model, source.rotations(), Arrays.stream(lengths).max().orElseThrow());
      streams = input.streams();
    }

    Gathered run() throws IOException {
      readStreams();
      try (ModelReader reader = new ModelReader(source, shared)) {
        int end = input.site() == null ? model.sublayers().size() : input.site().sublayer();
        for (int place = streams.place(); place < end; place++) {
          pass(reader, model.sublayers().get(place));
        }
        if (end > streams.place()) {
          write(end);
        }
        if (input.site() == null) {
          return new Gathered(streams, ChunkInputs.none(input.chunk()), error);
        }
        if (model.isHead(input.site())) {
          HeadFiles files = new HeadFiles(storage, directory, input, attempt);
          return new Gathered(streams, files.write(reader, clean, compressed), error);
        }
        Sublayer sublayer = model.sublayer(input.site());
        SublayerWeights weights = reader.sublayer(sublayer);
        SublayerWeights replaced = replace(weights);
        ChunkInputs kept =
            new SiteFiles(GatherChunk.this, input, attempt, forward)
                .write(
                    new SiteFiles.Stream(weights, clean),
                    new SiteFiles.Stream(replaced, compressed),
                    attention);
        if (model.endsSublayer(input.site())) {
          boolean alike = clean == compressed && weights == replaced;
          streams =
              streams.withAhead(
                  new StreamFiles.Ahead(alike ? kept.inputs() : kept.clean(), kept.inputs()));
        }
        return new Gathered(streams, kept, error);
      }
    }

    private void readStreams() throws IOException {
      clean = read(streams.clean());
      compressed = streams.alike() ? clean : read(streams.compressed());
      if (!streams.attention().isEmpty()) {
        attention = NumberFiles.readFloats(storage, new Path(streams.attention()), tokens);
      }
    }

    private float[] read(String file) throws IOException {
      return NumberFiles.readFloats(storage, new Path(file), tokens * model.hidden());
    }

    /** Takes both streams through a sublayer. */
    private void pass(ModelReader reader, Sublayer sublayer) throws IOException {
      SublayerWeights weights = reader.sublayer(sublayer);
      SublayerWeights replaced = replace(weights);
      StreamFiles.Ahead ahead =
          sublayer.index() == streams.place() ? streams.ahead() : StreamFiles.Ahead.UNKNOWN;
      if (compressed != clean || replaced != weights) {
        compressed = compressed == clean ? clean.clone() : compressed;
        pass(sublayer, replaced, compressed, Taps.NONE, ahead.compressed());
      }
      boolean weighs = weighsTokens && sublayer.operator().attends();
      AttentionConcentration seen = weighs ? new AttentionConcentration(tokens) : null;
      boolean alike = compressed == clean;
      pass(sublayer, weights, clean, weighs ? seen : Taps.NONE, ahead.clean());
      attention = weighs ? seen.sums() : null;
      if (leavesBlock(sublayer)) {
        error = alike ? null : HiddenError.of(tokens, model.hidden(), clean, compressed);
      }
    }

    private boolean leavesBlock(Sublayer sublayer) {
      int next = sublayer.index() + 1;
      return next == model.sublayers().size()
          || model.sublayers().get(next).block() != sublayer.block();
    }

    /**
     * Takes one stream through a sublayer, or through its last module alone where the step before
     * has been to that and nobody looks at what comes before it.
     *
     * @param ahead file of the module's inputs; empty where they are not known
     */
    private void pass(
        Sublayer sublayer, SublayerWeights weights, float[] x, Taps taps, String ahead)
        throws IOException {
      if (ahead.isEmpty() || taps != Taps.NONE) {
        forward.run(sublayer, weights, x, lengths, taps);
        return;
      }
      int columns = sublayer.operator().last().orElseThrow().columns();
      float[] inputs = new float[ForwardPass.SLAB * columns];
      try (NumberFiles.Reader in = NumberFiles.open(storage, ahead, (long) tokens * columns)) {
        for (int token = 0; token < tokens; token += ForwardPass.SLAB) {
          int count = Math.min(ForwardPass.SLAB, tokens - token);
          in.read(inputs, count * columns);
          forward.leave(sublayer, weights, count, inputs, x, token);
        }
      }
    }

    /** Writes where the streams are now. */
    private void write(int place) throws IOException {
      String cleanFile = write("clean", place, clean);
      String compressedFile =
          compressed == clean ? cleanFile : write("compressed", place, compressed);
      String attentionFile = attention == null ? "" : write("attention", place, attention);
      streams =
          StreamFiles.at(input.chunk().index(), place, cleanFile, compressedFile, attentionFile);
    }

    private String write(String stream, int place, float[] x) throws IOException {
      Path path =
          new Path(
              directory, "%s-%d-%d.%s".formatted(stream, place, input.chunk().index(), attempt));
      NumberFiles.write(storage, path, x, x.length);
      return path.toString();
    }

    /** The weights with those of compressed layers; the same object where there are none. */
    private SublayerWeights replace(SublayerWeights weights) {
      Map<String, WeightRows> replaced = new HashMap<>();
      for (SolvedLayer layer : input.solved()) {
        if (weights.matrices().containsKey(layer.tensor())) {
          replaced.put(layer.tensor(), layer.open(storage, shared));
        }
      }
      return replaced.isEmpty() ? weights : weights.with(replaced);
    }
  }
}
