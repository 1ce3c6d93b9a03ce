package io.tritmill.kernels.quantize;

import io.tritmill.kernels.tensor.Matrix;
import java.util.Random;

/** Weights drawn with a fixed seed. */
public final class RandomWeights {
  private RandomWeights() {}

  public static Matrix gaussian(int rows, int columns, long seed) {
    Random random = new Random(seed);
    Matrix w = Matrix.zeros(rows, columns);
    for (int i = 0; i < w.values().length; i++) {
      w.values()[i] = (float) (0.02 * random.nextGaussian());
    }
    return w;
  }

  public static Matrix laplace(int rows, int columns, long seed) {
    Random random = new Random(seed);
    Matrix w = Matrix.zeros(rows, columns);
    for (int i = 0; i < w.values().length; i++) {
      double magnitude = -0.02 * Math.log(1 - random.nextDouble());
      w.values()[i] = (float) (random.nextBoolean() ? magnitude : -magnitude);
    }
    return w;
  }
}
