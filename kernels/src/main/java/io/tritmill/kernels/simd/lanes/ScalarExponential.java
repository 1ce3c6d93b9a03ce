package io.tritmill.kernels.simd.lanes;

/**
 * e^x of a float, by operations that every machine rounds alike.
 *
 * <p>e^x = 2^k e^r with k = round(x / ln 2) and |r| at most ln 2 / 2; e^r is its Taylor polynomial,
 * long enough that what is cut off lies below the rounding. Only additions, products and fused
 * multiply-adds take part. NaN stays NaN.
 */
final class ScalarExponential {
  static final float LOWEST = -87;
  static final float HIGHEST = 88;
  static final float INVERSE_LN2 = 1.442695f;
  static final float LN2_HIGH = 0x1.62e4p-1f;
  static final float LN2_LOW = 1.4286068e-6f;
  // Adding and subtracting 1.5 * 2^23 rounds to the nearest whole number.
  static final float ROUND = 0x1.8p23f;
  static final float EXPONENT = ROUND + 127;

  private ScalarExponential() {}

  /** e^x to about one unit in the last place; x below -87 counts as -87, above 88 as 88. */
  static float exp(float x) {
    float value = Math.min(HIGHEST, Math.max(LOWEST, x));
    float k = Math.fma(value, INVERSE_LN2, ROUND) - ROUND;
    float r = Math.fma(k, -LN2_LOW, Math.fma(k, -LN2_HIGH, value));
    float sum = Math.fma(1f / 5040, r, 1f / 720);
    sum = Math.fma(sum, r, 1f / 120);
    sum = Math.fma(sum, r, 1f / 24);
    sum = Math.fma(sum, r, 1f / 6);
    sum = Math.fma(sum, r, 0.5f);
    float fraction = Math.fma(sum, r * r, r) + 1;
    return fraction * Float.intBitsToFloat(Float.floatToRawIntBits(k + EXPONENT) << 23);
  }
}
