package io.tritmill.kernels.code;

import io.tritmill.kernels.tensor.DType;

/**
 * The scales that every carrier holds exactly: at most eight significant bits within the range of
 * IEEE half, so that F16, BF16 and F32 all have them.
 */
public final class StoredScale {
  /** From here on there is none: halfway from 65280 to 2^16. */
  public static final double MOST = 65408;

  private StoredScale() {}

  /**
   * The nearest of them, ties to even; below 2^-14, where half has fewer bits, a multiple of 2^-24.
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
    float eight = DType.toBfloat16((float) scale);
    return Float.float16ToFloat(Float.floatToFloat16(eight));
  }
}
