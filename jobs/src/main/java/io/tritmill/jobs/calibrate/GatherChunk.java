package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.model.ModelReader;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.SharedMatrices;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.AttentionConcentration;
import io.tritmill.kernels.model.BlockWeights;
import io.tritmill.kernels.model.Linear;
import io.tritmill.kernels.model.Role;
import io.tritmill.kernels.model.TapSite;
import io.tritmill.kernels.model.Taps;
import io.tritmill.kernels.model.TransformerBlock;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.hadoop.fs.Path;

/**
 * Takes the streams of a chunk a step further and keeps what enters a site.
 *
 * <p>A step begins where the last one left the streams in files, at the beginning of a block or
 * between its halves, and ends at the next site. Where the last one ended at the last module of a
 * half, it begins there. Clean and compressed stream pass the same code; a layer that is not
 * compressed yet is that of the full-precision model in both.
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
   * @param block the block of the site
   * @param site where to go; null to only leave the last block behind
   * @param before layers of the block before this one that are compressed, when its second half is
   *     still to be run
   * @param solved layers of this block that are compressed
   * @param sums what will be summed of the chunk's inputs; empty to only move on
   * @param curvature that of the loss, for the sums of output metrics; null without them
   */
  record Input(
      CalibrationChunk chunk,
      StreamFiles streams,
      int block,
      TapSite site,
      ArrayList<SolvedLayer> before,
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
    private final int hidden;
    private final TransformerBlock forward;
    private StreamFiles streams;
    private float[] clean; // (tokens, hidden)
    private float[] compressed; // the same array while the streams are alike
    private HiddenError error;
    private float[] attention; // (tokens), what each got in the half that was passed; or null

    Step(Input input, String attempt) {
      this.input = input;
      this.attempt = attempt;
      lengths = input.chunk().lengths();
      tokens = input.chunk().tokens();
      hidden = source.config().hidden();
      forward =
          new TransformerBlock(
              source.config(), source.rotations(), Arrays.stream(lengths).max().orElseThrow());
      streams = input.streams();
    }

    Gathered run() throws IOException {
      readStreams();
      try (ModelReader reader = new ModelReader(source, shared)) {
        if (input.site() == null || input.site() == TapSite.ATTENTION) {
          leaveBlockBefore(reader);
        }
        if (input.site() == null) {
          return new Gathered(streams, ChunkInputs.none(input.chunk()), error);
        }
        BlockWeights weights = reader.block(input.block());
        BlockWeights replaced = replace(weights, input.solved());
        if (input.site() == TapSite.FEED_FORWARD) {
          enterSecondHalf(weights, replaced);
        }
        ChunkInputs kept =
            new SiteFiles(GatherChunk.this, input, attempt, forward)
                .write(
                    new SiteFiles.Stream(weights, clean),
                    new SiteFiles.Stream(replaced, compressed),
                    attention);
        if (input.site() == TapSite.OUTPUT || input.site() == TapSite.DOWN) {
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
      return NumberFiles.readFloats(storage, new Path(file), tokens * hidden);
    }

    /** Runs the second half of the block before, if the streams are still between its halves. */
    private void leaveBlockBefore(ModelReader reader) throws IOException {
      if (streams.place() % 2 == 0) {
        return;
      }
      BlockWeights weights = reader.block(streams.place() / 2);
      advance(
          weights,
          replace(weights, input.before()),
          Taps.NONE,
          (block, x, taps) -> forward.feedForward(block, x, lengths, taps, null),
          BlockWeights::down);
      attention = null;
      error = clean == compressed ? null : HiddenError.of(tokens, hidden, clean, compressed);
    }

    private void enterSecondHalf(BlockWeights weights, BlockWeights replaced) throws IOException {
      if (streams.place() % 2 == 1) {
        return;
      }
      AttentionConcentration seen = new AttentionConcentration(tokens);
      advance(
          weights,
          replaced,
          weighsTokens ? seen : Taps.NONE,
          (block, x, taps) -> forward.attend(block, x, lengths, taps, null),
          BlockWeights::output);
      attention = weighsTokens ? seen.sums() : null;
    }

    /** Half a block, over one stream. */
    private interface Half {
      void run(BlockWeights weights, float[] x, Taps taps);
    }

    /**
     * @param taps see the clean stream
     * @param last the module that ends the half
     */
    private void advance(
        BlockWeights weights,
        BlockWeights replaced,
        Taps taps,
        Half half,
        Function<BlockWeights, Linear> last)
        throws IOException {
      int place = streams.place() + 1;
      boolean alike = compressed == clean && replaced == weights;
      if (!alike) {
        compressed = compressed == clean ? clean.clone() : compressed;
        pass(replaced, compressed, Taps.NONE, half, last, streams.ahead().compressed());
      }
      pass(weights, clean, taps, half, last, streams.ahead().clean());
      compressed = alike ? clean : compressed;
      String cleanFile = write("clean", place, clean);
      String compressedFile = alike ? cleanFile : write("compressed", place, compressed);
      String attentionFile =
          taps instanceof AttentionConcentration seen ? write("attention", place, seen.sums()) : "";
      streams =
          StreamFiles.at(input.chunk().index(), place, cleanFile, compressedFile, attentionFile);
    }

    /**
     * Takes one stream through a half, or through its last module alone where the step before has
     * been to that and nobody looks at what comes before it.
     *
     * @param ahead file of the module's inputs; empty where they are not known
     */
    private void pass(
        BlockWeights weights,
        float[] x,
        Taps taps,
        Half half,
        Function<BlockWeights, Linear> last,
        String ahead)
        throws IOException {
      if (ahead.isEmpty() || taps != Taps.NONE) {
        half.run(weights, x, taps);
        return;
      }
      Linear module = last.apply(weights);
      int columns = module.weight().columns();
      float[] inputs = new float[TransformerBlock.SLAB * columns];
      try (NumberFiles.Reader in = NumberFiles.open(storage, ahead, (long) tokens * columns)) {
        for (int token = 0; token < tokens; token += TransformerBlock.SLAB) {
          int count = Math.min(TransformerBlock.SLAB, tokens - token);
          in.read(inputs, count * columns);
          forward.leaveHalf(module, count, inputs, x, token);
        }
      }
    }

    private String write(String stream, int place, float[] x) throws IOException {
      Path path =
          new Path(
              directory, "%s-%d-%d.%s".formatted(stream, place, input.chunk().index(), attempt));
      NumberFiles.write(storage, path, x, x.length);
      return path.toString();
    }

    private BlockWeights replace(BlockWeights weights, List<SolvedLayer> solved) {
      if (solved.isEmpty()) {
        return weights;
      }
      Map<Role, Linear> linear = new EnumMap<>(Role.class);
      linear.put(Role.QUERY, weights.query());
      linear.put(Role.KEY, weights.key());
      linear.put(Role.VALUE, weights.value());
      linear.put(Role.OUTPUT, weights.output());
      linear.put(Role.GATE, weights.gate());
      linear.put(Role.UP, weights.up());
      linear.put(Role.DOWN, weights.down());
      for (SolvedLayer layer : solved) {
        linear.computeIfPresent(
            layer.role(), (role, old) -> new Linear(layer.open(storage, shared), old.bias()));
      }
      return new BlockWeights(
          weights.attentionNorm(),
          linear.get(Role.QUERY),
          linear.get(Role.KEY),
          linear.get(Role.VALUE),
          linear.get(Role.OUTPUT),
          weights.feedForwardNorm(),
          linear.get(Role.GATE),
          linear.get(Role.UP),
          linear.get(Role.DOWN));
    }
  }
}
