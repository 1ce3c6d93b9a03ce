package io.tritmill.kernels.simd;

import io.tritmill.kernels.simd.lanes.Implementation;
import io.tritmill.kernels.simd.lanes.VectorOps;
import java.util.Objects;

/**
 * The primitive loops of every kernel: checks ranges, then runs the fastest implementation there
 * is.
 *
 * <p>Results do not depend on the machine: each operation is defined, to the bit, by plain loops.
 * All methods are stateless and safe for concurrent use.
 */
public final class Simd {
  private static final VectorOps OPS = Implementation.OPS;

  private Simd() {}

  /** Bits of the registers in use: 512, 256 or 128, or 0 when plain loops run. */
  public static int vectorBits() {
    return Implementation.VECTOR_BITS;
  }

  /** What runs, for a person: {@code 512-bit}, or {@code scalar}. */
  public static String description() {
    return vectorBits() == 0 ? "scalar" : vectorBits() + "-bit";
  }

  /** Sum of a[i] * b[i] over 32 float lanes. */
  public static float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
    Objects.checkFromIndexSize(aOffset, length, a.length);
    Objects.checkFromIndexSize(bOffset, length, b.length);
    return OPS.dot(a, aOffset, b, bOffset, length);
  }

  /** Sum of |a[i]| in double. */
  public static double sumOfAbs(float[] a, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, a.length);
    return OPS.sumOfAbs(a, offset, length);
  }

  /** Sum of a[i]^2 in double. */
  public static double sumOfSquares(float[] a, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, a.length);
    return OPS.sumOfSquares(a, offset, length);
  }

  /** Sum of (a[i] - b[i])^2 in double. */
  public static double squaredError(float[] a, int aOffset, float[] b, int bOffset, int length) {
    Objects.checkFromIndexSize(aOffset, length, a.length);
    Objects.checkFromIndexSize(bOffset, length, b.length);
    return OPS.squaredError(a, aOffset, b, bOffset, length);
  }

  /** Largest a[i], NaN when one is; -infinity when there is none. */
  public static float max(float[] a, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, a.length);
    return OPS.max(a, offset, length);
  }

  /**
   * Replaces each a[i] by e^x, x = (a[i] - shift) scale, to about one unit in the last place; x
   * below -87 counts as -87, above 88 as 88, and NaN stays NaN.
   */
  public static void exp(float[] a, int offset, int length, float shift, float scale) {
    Objects.checkFromIndexSize(offset, length, a.length);
    OPS.exp(a, offset, length, shift, scale);
  }

  /** Index, relative to offset, of the first NaN or infinity; -1 when there is none. */
  public static int firstNonFinite(float[] a, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, a.length);
    return OPS.firstNonFinite(a, offset, length);
  }

  /**
   * For each of the first {@code levels} thresholds, how many |a[i]| lie strictly above it and what
   * they sum to. Nothing lies above NaN, and NaN lies above nothing.
   *
   * <p>Fastest where length is a multiple of 32 and levels one of 4.
   */
  public static void tally(
      float[] a,
      int offset,
      int length,
      float[] thresholds,
      int levels,
      int[] counts,
      float[] sums) {
    Objects.checkFromIndexSize(offset, length, a.length);
    Objects.checkFromIndexSize(
        0, levels, Math.min(thresholds.length, Math.min(counts.length, sums.length)));
    OPS.tally(a, offset, length, thresholds, levels, counts, sums);
  }

  /**
   * What the best scale of integers depends on: with q the integer nearest to a[i] * inverse
   * between low and high, halves to even ones, the sums of q * a[i] and of q^2, in float.
   *
   * @param low smallest integer, not below -2^22
   * @param high largest integer, not above 2^22
   * @param sums receives both
   */
  public static void integerSums(
      float[] a, int offset, int length, float inverse, float low, float high, float[] sums) {
    Objects.checkFromIndexSize(offset, length, a.length);
    Objects.checkFromIndexSize(0, 2, sums.length);
    OPS.integerSums(a, offset, length, inverse, low, high, sums);
  }

  /**
   * Writes {@code codes[k]}, k the number of thresholds that |a[i]| lies strictly above, negated
   * where a[i] is negative.
   *
   * @param thresholds ascending; the first {@code levels}, at most 13, are used
   * @param codes one for each number of thresholds, 0 to levels
   */
  public static void classify(
      float[] a,
      int offset,
      int length,
      float[] thresholds,
      int levels,
      byte[] codes,
      byte[] into,
      int at) {
    Objects.checkFromIndexSize(offset, length, a.length);
    Objects.checkFromIndexSize(at, length, into.length);
    Objects.checkFromIndexSize(0, levels, thresholds.length);
    Objects.checkIndex(levels, codes.length);
    OPS.classify(a, offset, length, thresholds, levels, codes, into, at);
  }

  /**
   * Writes the bits of every |a[i]| in ascending order; the bits of magnitudes order as integers
   * do.
   *
   * @param a no NaN among those read
   */
  public static void sortMagnitudes(float[] a, int offset, int length, int[] into, int at) {
    Objects.checkFromIndexSize(offset, length, a.length);
    Objects.checkFromIndexSize(at, length, into.length);
    OPS.sortMagnitudes(a, offset, length, into, at);
  }

  /** Little-endian bfloat16 to float; offset counts bytes. */
  public static void decodeBf16(byte[] source, int offset, float[] into, int at, int count) {
    Objects.checkFromIndexSize(offset, Math.multiplyExact(2, count), source.length);
    Objects.checkFromIndexSize(at, count, into.length);
    OPS.decodeBf16(source, offset, into, at, count);
  }

  /** Little-endian IEEE half to float; offset counts bytes. */
  public static void decodeF16(byte[] source, int offset, float[] into, int at, int count) {
    Objects.checkFromIndexSize(offset, Math.multiplyExact(2, count), source.length);
    Objects.checkFromIndexSize(at, count, into.length);
    OPS.decodeF16(source, offset, into, at, count);
  }
}
