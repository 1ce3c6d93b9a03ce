package io.tritmill.kernels.rate;

import java.util.Random;

/** Values like those of a model's weights, the same in every run. */
public final class RandomValues {
  private RandomValues() {}

  /** Gaussian values of deviation 0.02. */
  public static float[] weights(int count) {
    Random random = new Random(count);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (0.02 * random.nextGaussian());
    }
    return values;
  }
}
