package io.tritmill.kernels.simd.lanes;

/**
 * The primitive loops, one sentence each; {@link ScalarOps} defines their results to the bit.
 *
 * <p>A sum runs over 32 logical lanes: element i is added into lane i mod 32 in ascending order of
 * i, and lane l then takes lane l + h for h = 16, 8, 4, 2, 1. So a register of any width that
 * divides 32 lanes gives the same bits.
 */
public interface VectorOps {
  /** Sum of a[i] * b[i], fused, in float lanes. */
  float dot(float[] a, int aOffset, float[] b, int bOffset, int length);

  /** Sum of |a[i]|, in double lanes. */
  double sumOfAbs(float[] a, int offset, int length);

  /** Sum of a[i]^2, fused, in double lanes. */
  double sumOfSquares(float[] a, int offset, int length);

  /** Sum of (a[i] - b[i])^2, the difference taken in double, fused, in double lanes. */
  double squaredError(float[] a, int aOffset, float[] b, int bOffset, int length);

  /** Largest a[i] as {@link Math#max} orders them; -infinity when there is none. */
  float max(float[] a, int offset, int length);

  /** Replaces each a[i] by e^((a[i] - shift) scale); {@link ScalarExponential} defines e^x. */
  void exp(float[] a, int offset, int length, float shift, float scale);

  /** Index, relative to offset, of the first NaN or infinity; -1 when there is none. */
  int firstNonFinite(float[] a, int offset, int length);

  /**
   * For each of the first {@code levels} thresholds, how many |a[i]| lie strictly above it, and
   * their sum in float lanes.
   */
  void tally(
      float[] a,
      int offset,
      int length,
      float[] thresholds,
      int levels,
      int[] counts,
      float[] sums);

  /**
   * With q the integer nearest to a[i] * inverse after it was limited to low and high, halves to
   * even ones: sums[0] is the sum of q * a[i] and sums[1] that of q^2, fused, in float lanes.
   */
  void integerSums(
      float[] a, int offset, int length, float inverse, float low, float high, float[] sums);

  /**
   * Writes {@code codes[k]}, k the number of thresholds that |a[i]| lies strictly above, negated
   * for a negative a[i]; thresholds ascend, at most 13 of them.
   */
  void classify(
      float[] a,
      int offset,
      int length,
      float[] thresholds,
      int levels,
      byte[] codes,
      byte[] into,
      int at);

  /** Writes the bits of every |a[i]| in ascending order; no a[i] is NaN. */
  void sortMagnitudes(float[] a, int offset, int length, int[] into, int at);

  /** Little-endian bfloat16 to float. */
  void decodeBf16(byte[] source, int offset, float[] into, int at, int count);

  /** Little-endian IEEE half to float. */
  void decodeF16(byte[] source, int offset, float[] into, int at, int count);
}
