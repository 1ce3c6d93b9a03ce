package io.tritmill.kernels.model.function;

import io.tritmill.kernels.model.Activation;
import io.tritmill.kernels.simd.Simd;

/**
 * The activation of {@link Activation#XIELU}, with the numbers of one feed-forward.
 *
 * @param p of squares above 0
 * @param n of what grows exponentially below
 * @param beta slope at 0
 * @param epsilon what z counts as at most in the exponential
 */
public record Xielu(float p, float n, float beta, float epsilon) {
  /** Above it e^z - 1 - z is a power series: the difference would lose its digits. */
  private static final float SERIES = -0.5f;

  /**
   * The activation of numbers as they are stored.
   *
   * @param numbers (4) alpha_p and alpha_n before their softplus, beta, epsilon
   */
  public static Xielu of(double[] numbers) {
    double beta = numbers[2];
    return new Xielu(
        (float) softPlus(numbers[0]),
        (float) (beta + softPlus(numbers[1])),
        (float) beta,
        (float) numbers[3]);
  }

  /** ln(1 + e^x), which for large x is x. */
  private static double softPlus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  /**
   * Puts elements through it.
   *
   * @param z (width) from 0 on; overwritten
   * @param scratch (width)
   */
  public void apply(float[] z, float[] scratch, int width) {
    for (int i = 0; i < width; i++) {
      scratch[i] = Math.min(z[i], epsilon);
    }
    Simd.exp(scratch, 0, width, 0, 1);
    for (int i = 0; i < width; i++) {
      float x = z[i];
      float curved = x > 0 ? p * x * x : n * belowZero(x, scratch[i]);
      z[i] = curved + beta * x;
    }
  }

  /** e^least - 1 - z, with least = min(z, epsilon). */
  private float belowZero(float z, float exponential) {
    float least = Math.min(z, epsilon);
    return least < SERIES ? exponential - 1 - z : series(least) + (least - z);
  }

  /** e^z - 1 - z to the ninth power. */
  private static float series(float z) {
    float sum = 1 / 362_880f;
    sum = sum * z + 1 / 40_320f;
    sum = sum * z + 1 / 5040f;
    sum = sum * z + 1 / 720f;
    sum = sum * z + 1 / 120f;
    sum = sum * z + 1 / 24f;
    sum = sum * z + 1 / 6f;
    sum = sum * z + 1 / 2f;
    return sum * z * z;
  }
}
