package io.tritmill.kernels.code;

import io.tritmill.kernels.tensor.DType;

/**
 * The scales that every carrier holds exactly: at most eight significant bits within the range of
 * IEEE half, so that F16, BF16 and F32 all have them.
 *
 * <p>That holds below 2^-14 too, where half has no normal numbers: F16 has multiples of 2^-24 there
 * as subnormal ones, BF16 and F32 have them as normal ones. Only arithmetic in half precision that
 * takes subnormal numbers for zero would lose them; carriers decode in single precision.
 *
 * <p>Weights that are trits times one number as they come have a scale that needs no rounding: they
 * keep the nearest half, so that a ternary model of half precision stays what it is.
 */
public final class StoredScale {
  /** From here on there is none: halfway from 65280 to 2^16. */
  public static final double MOST = 65408;

  private static final int SIGNIFICANT = 8;

  /** Below this half has no more than eight bits itself. */
  private static final double FEW_BITS = 0x1p-16;

  /** From here on IEEE half is infinite. */
  private static final double HALF_OVERFLOW = 65520;

  private StoredScale() {}

  /**
   * The nearest of them, ties to even; below 2^-16, where half has fewer bits, a multiple of 2^-24.
   *
   * @param scale of any sign
   * @param row what an error message names
   * @throws UnusableWeightException if it is NaN, or larger in magnitude than the largest, 65280
   */
  public static float of(double scale, int row) {
    if (!(Math.abs(scale) < MOST)) {
      throw new UnusableWeightException(
          row,
          "found a scale of %s, expected at most 65280, the largest of eight bits in IEEE half"
              .formatted((float) scale));
    }
    return Math.abs(scale) < FEW_BITS
        ? Float.float16ToFloat(Float.floatToFloat16((float) scale))
        : DType.toBfloat16((float) scale);
  }

  /**
   * The nearest of them of which a multiple is an IEEE half too, so that formats with a least value
   * in half precision hold both; {@link #of} where the multiple is beyond half.
   *
   * @param multiple 0 to 31
   * @param row what an error message names
   * @throws UnusableWeightException as {@link #of} does
   */
  public static float withMultiple(double scale, int multiple, int row) {
    float nearest = of(scale, row);
    float stored = nearest;
    for (int bits = SIGNIFICANT - 1; !isHalf(stored * multiple) && bits > 0; bits--) {
      double unit = Math.scalb(1.0, Math.getExponent(scale) + 1 - bits);
      stored = (float) (Math.rint(scale / unit) * unit);
    }
    return isHalf(stored * multiple) ? stored : nearest;
  }

  private static boolean isHalf(float value) {
    return Float.float16ToFloat(Float.floatToFloat16(value)) == value;
  }

  /**
   * The nearest IEEE half, for weights that have one magnitude.
   *
   * @param row what an error message names
   * @throws UnusableWeightException if it is NaN, or larger than the largest
   */
  public static float half(double scale, int row) {
    if (!(scale < HALF_OVERFLOW)) {
      throw new UnusableWeightException(
          row,
          "found a scale of %s, expected at most 65504, the largest IEEE half"
              .formatted((float) scale));
    }
    return Float.float16ToFloat(Float.floatToFloat16((float) scale));
  }
}
