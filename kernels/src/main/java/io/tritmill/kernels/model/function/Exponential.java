package io.tritmill.kernels.model.function;

/**
 * e^x over arrays of doubles, in loops that a compiler turns into vector instructions.
 *
 * <p>e^x = 2^k e^r with k = round(x / ln 2) and |r| at most ln 2 / 2; e^r is its Taylor polynomial,
 * long enough that what is cut off lies below the rounding. Only additions, products and fused
 * multiply-adds take part, so every machine gets the same bits. NaN stays NaN.
 *
 * <p>What helps compilers to vectorize, and is why the arrays begin at 0: several short loops
 * rather than one, and one index for all arrays of a loop, which two arrays that might be the same
 * need.
 */
public final class Exponential {
  private static final double LOWEST = -708;
  private static final double HIGHEST = 709;
  private static final double INVERSE_LN2 = 1.4426950408889634;
  private static final double LN2_HIGH = 0x1.62e42feep-1;
  private static final double LN2_LOW = 1.9082149292705877e-10;
  // Adding and subtracting it rounds to the nearest whole number.
  private static final double ROUND = 0x1.8p52;
  private static final double EXPONENT = ROUND + 1023;

  private Exponential() {}

  /**
   * Replaces each x by e^x, to about one unit in the last place; x below -708 counts as -708, above
   * 709 as 709.
   *
   * @param x values from 0 on
   * @param powers room for {@code count} numbers; overwritten
   */
  public static void exp(double[] x, int count, double[] powers) {
    for (int i = 0; i < count; i++) {
      double value = Math.min(HIGHEST, Math.max(LOWEST, x[i]));
      double k = Math.fma(value, INVERSE_LN2, ROUND) - ROUND;
      powers[i] = k;
      x[i] = Math.fma(k, -LN2_LOW, Math.fma(k, -LN2_HIGH, value));
    }
    for (int i = 0; i < count; i++) {
      double r = x[i];
      double sum = Math.fma(1.0 / 6227020800L, r, 1.0 / 479001600);
      sum = Math.fma(sum, r, 1.0 / 39916800);
      sum = Math.fma(sum, r, 1.0 / 3628800);
      sum = Math.fma(sum, r, 1.0 / 362880);
      sum = Math.fma(sum, r, 1.0 / 40320);
      sum = Math.fma(sum, r, 1.0 / 5040);
      sum = Math.fma(sum, r, 1.0 / 720);
      sum = Math.fma(sum, r, 1.0 / 120);
      sum = Math.fma(sum, r, 1.0 / 24);
      sum = Math.fma(sum, r, 1.0 / 6);
      sum = Math.fma(sum, r, 0.5);
      x[i] = Math.fma(sum, r * r, r) + 1;
    }
    for (int i = 0; i < count; i++) {
      x[i] *= Double.longBitsToDouble(Double.doubleToRawLongBits(powers[i] + EXPONENT) << 52);
    }
  }
}
