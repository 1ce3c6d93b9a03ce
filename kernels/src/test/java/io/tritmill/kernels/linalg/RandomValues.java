package io.tritmill.kernels.linalg;

import io.tritmill.kernels.tensor.Matrix;
import java.util.SplittableRandom;

/** Seeded numbers for the tests of this package. */
final class RandomValues {
  private RandomValues() {}

  static float[] normal(int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** A Gram matrix of twice as many tokens as columns, some columns much larger than others. */
  static Matrix gram(int columns, long seed) {
    int tokens = 2 * columns + 3;
    float[] x = normal(tokens * columns, seed);
    for (int i = 0; i < x.length; i++) {
      x[i] *= i % columns % 7 == 3 ? 20 : 1;
    }
    GramAccumulator chunk = new GramAccumulator(columns);
    chunk.add(tokens, x);
    return chunk.finish().toMatrix(1.0 / tokens);
  }
}
