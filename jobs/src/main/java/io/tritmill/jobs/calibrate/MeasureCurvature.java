package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.calibrate.stream.NumberFiles;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.model.ModelReader;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.linalg.Gram;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.forward.ForwardPass;
import io.tritmill.kernels.model.forward.Taps;
import io.tritmill.kernels.model.loss.LossCurvature;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import org.apache.hadoop.fs.Path;

/**
 * Takes a chunk through the whole full-precision model and writes the sum of squared gradients of
 * the loss in the last residual stream, as the final norm sees it: in its own basis, whatever the
 * rotations of the blocks.
 *
 * @param storage file systems
 * @param source the full-precision model, transformed if the recipe says so
 * @param directory where files go
 */
record MeasureCurvature(Storage storage, ModelSource source, String directory)
    implements Tasks.Work<MeasureCurvature.Input, MeasureCurvature.Measured> {
  /** Tokens in a band of the vocabulary. The bits of the sums depend on it, so it is fixed. */
  private static final int BAND = 1024;

  /** Labels are drawn alike in all runs; what varies is the calibration set. */
  private static final long SEED = 0;

  /**
   * A chunk.
   *
   * @param chunk the sequences
   * @param position of the chunk among those that are summed
   * @param firstToken number of the first token among those of all chunks
   */
  record Input(CalibrationChunk chunk, int position, long firstToken) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /** The file of a chunk's sum. */
  record Measured(int position, String file) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public Measured apply(Input input, String attempt) throws IOException {
    CalibrationChunk chunk = input.chunk();
    Gram sum;
    try (ModelReader reader = new ModelReader(source)) {
      sum = sum(reader, chunk, input.firstToken());
    }
    if (sum.firstNonFiniteColumn() >= 0) {
      throw BadInputException.broken(
          "the loss has a gradient that is NaN or infinite on calibration data; activations of the"
              + " last block overflow, so a weight cannot be right");
    }
    Path path = new Path(directory, "curvature-%d.%s".formatted(chunk.index(), attempt));
    try (NumberFiles.Writer file = NumberFiles.create(storage, path)) {
      for (int s = 0; s < sum.strips(); s++) {
        file.write(sum.strip(s).values());
      }
      file.commit();
    }
    return new Measured(input.position(), path.toString());
  }

  private static Gram sum(ModelReader reader, CalibrationChunk chunk, long firstToken) {
    int[] lengths = chunk.lengths();
    float[] x = reader.embed(chunk.ids());
    Architecture model = reader.architecture();
    ForwardPass forward =
        new ForwardPass(model, reader.rotations(), Arrays.stream(lengths).max().orElseThrow());
    for (Sublayer sublayer : model.sublayers()) {
      forward.run(sublayer, reader.sublayer(sublayer), x, lengths, Taps.NONE);
    }
    reader.rotations().leave(chunk.tokens(), x);
    LossCurvature curvature =
        new LossCurvature(model, reader.finalNorm(), chunk.tokens(), x, SEED, firstToken);
    overHead(reader, curvature::weigh);
    overHead(reader, curvature::differentiate);
    return curvature.finish();
  }

  /** Takes a band of the head. */
  private interface Pass {
    void take(int firstToken, int width, float[] band);
  }

  private static void overHead(ModelReader reader, Pass pass) {
    int vocabulary = reader.architecture().vocabulary();
    float[] band = new float[BAND * reader.architecture().hidden()];
    for (int first = 0; first < vocabulary; first += BAND) {
      int width = Math.min(BAND, vocabulary - first);
      reader.head(first, width, band);
      pass.take(first, width, band);
    }
  }
}
