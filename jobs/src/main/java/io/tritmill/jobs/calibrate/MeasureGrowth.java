package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.model.ModelReader;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.forward.ForwardPass;
import io.tritmill.kernels.model.forward.Taps;
import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.tensor.Matrix;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Random;

/**
 * Disturbs the residual stream behind each sublayer of the full-precision model, and tells what is
 * left of it where the stream ends: on the first tokens of a chunk.
 *
 * <p>Disturbances are small and of equal size in all directions, as errors of rotated layers are.
 * Both their beginning and their end are measured by the curvature M of the loss in the last
 * stream: d M d' summed over tokens.
 *
 * <p>Memory: a stream of at most {@value #TOKENS} tokens for each sublayer.
 *
 * @param storage file systems
 * @param source the full-precision model, transformed if the recipe says so
 */
record MeasureGrowth(Storage storage, ModelSource source)
    implements Tasks.Work<MeasureGrowth.Input, MeasureGrowth.Grown> {
  private static final int TOKENS = 256;

  /** Of the stream's root mean square: where the model answers in proportion. */
  private static final double SIZE = 0.01;

  /**
   * A chunk.
   *
   * @param position of the chunk among those that are summed
   * @param curvature that of the loss in the last residual stream
   */
  record Input(CalibrationChunk chunk, int position, LastStream curvature) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /**
   * What became of the disturbances of one chunk.
   *
   * @param begun their sums where they were made, a sublayer each
   * @param ended their sums in the last stream
   */
  record Grown(int position, double[] begun, double[] ended) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public Grown apply(Input input, String attempt) throws IOException {
    Matrix metric = input.curvature().read(storage, source.rotations());
    int[] ids = input.chunk().sequences().getFirst();
    try (ModelReader reader = new ModelReader(source)) {
      return new Walk(reader, Arrays.copyOf(ids, Math.min(TOKENS, ids.length)), metric, input)
          .run();
    }
  }

  private static final class Walk {
    private final ModelReader reader;
    private final Input input;
    private final int sublayers;
    private final int tokens;
    private final int hidden;
    private final float[]
        x; // (1 + sublayers, tokens, hidden): the clean stream, then disturbed ones
    private final float[] metric;
    private final double[] begun;
    private int streams = 1;

    Walk(ModelReader reader, int[] ids, Matrix metric, Input input) {
      this.reader = reader;
      this.input = input;
      this.metric = metric.values();
      sublayers = reader.architecture().sublayers().size();
      tokens = ids.length;
      hidden = reader.architecture().hidden();
      x = Arrays.copyOf(reader.embed(ids), Math.multiplyExact((1 + sublayers) * tokens, hidden));
      begun = new double[sublayers];
    }

    Grown run() {
      Architecture model = reader.architecture();
      ForwardPass forward = new ForwardPass(model, reader.rotations(), tokens);
      for (Sublayer sublayer : model.sublayers()) {
        forward.run(sublayer, reader.sublayer(sublayer), x, lengths(), Taps.NONE);
        disturb();
      }
      double[] ended = new double[sublayers];
      for (int place = 0; place < sublayers; place++) {
        ended[place] = square(place + 1);
      }
      return new Grown(input.position(), begun, ended);
    }

    private int[] lengths() {
      int[] lengths = new int[streams];
      Arrays.fill(lengths, tokens);
      return lengths;
    }

    /** Adds a stream that differs from the clean one. */
    private void disturb() {
      double size = SIZE * typicalSize();
      // Alike in all runs, whatever the cluster.
      Random random = new Random(31L * input.position() + streams);
      int at = streams * tokens * hidden;
      for (int i = 0; i < tokens * hidden; i++) {
        x[at + i] = x[i] + (float) (size * random.nextGaussian());
      }
      begun[streams - 1] = square(streams);
      streams++;
    }

    /** Root mean square of a token's stream, its geometric mean: some tokens have huge ones. */
    private double typicalSize() {
      double logs = 0;
      int counted = 0;
      for (int token = 0; token < tokens; token++) {
        double square = 0;
        for (int i = token * hidden; i < (token + 1) * hidden; i++) {
          square += (double) x[i] * x[i];
        }
        if (square > 0) {
          logs += Math.log(square / hidden) / 2;
          counted++;
        }
      }
      return counted == 0 ? 1 : Math.exp(logs / counted);
    }

    /** d M d' of a stream, d its difference from the clean one, summed over tokens. */
    private double square(int stream) {
      float[] difference = new float[tokens * hidden];
      int at = stream * tokens * hidden;
      for (int i = 0; i < difference.length; i++) {
        difference[i] = x[at + i] - x[i];
      }
      float[] product = new float[difference.length];
      Gemm.multiply(
          tokens, hidden, hidden, difference, 0, hidden, metric, 0, hidden, product, 0, hidden);
      double sum = 0;
      for (int i = 0; i < difference.length; i++) {
        sum += (double) difference[i] * product[i];
      }
      return sum;
    }
  }
}
