package io.tritmill.jobs.bench;

import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.EncodedRows;
import io.tritmill.kernels.tensor.Matrix;
import java.util.Random;

/** Values like those of a model's weights, the same in every run. */
public final class RandomOperands {
  private static final double DEVIATION = 0.02;

  /** Values that differ; more are these again, since Gaussian ones take their time. */
  private static final int PERIOD = 99_991;

  private RandomOperands() {}

  /** Gaussian values. */
  static float[] floats(int count) {
    Random random = new Random(1);
    float[] values = new float[count];
    for (int i = 0; i < Math.min(count, PERIOD); i++) {
      values[i] = (float) (DEVIATION * random.nextGaussian());
    }
    for (int done = PERIOD; done < count; done += PERIOD) {
      System.arraycopy(values, 0, values, done, Math.min(PERIOD, count - done));
    }
    return values;
  }

  /** A matrix of them. */
  public static Matrix matrix(int rows, int columns) {
    return new Matrix(rows, columns, floats(rows * columns));
  }

  /** A matrix of them as a checkpoint stores it. */
  public static EncodedRows encoded(int rows, int columns, DType type) {
    byte[] bytes = new byte[rows * columns * type.bytes()];
    type.encode(floats(rows * columns), 0, bytes, 0, rows * columns);
    return new EncodedRows(rows, columns, type, bytes);
  }
}
