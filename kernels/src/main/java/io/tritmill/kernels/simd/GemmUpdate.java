package io.tritmill.kernels.simd;

import java.util.Objects;

/**
 * Matrix products in float that are subtracted from what is there.
 *
 * <p>Every element of c is one chain of fused multiply-adds over ascending k that begins with the
 * element itself: {@code c = fma(-a, b, c)}. Tiles and register widths change nothing in the
 * result. Operands may lie in the array of c, but must not overlap the elements that are written.
 */
public final class GemmUpdate {
  private GemmUpdate() {}

  /**
   * c -= a b'.
   *
   * @param m rows of a and c
   * @param n rows of b, columns of c
   * @param k columns of a and b
   * @param a (m, k) from aOffset on, rows aStride apart
   * @param b (n, k) from bOffset on, rows bStride apart
   * @param c (m, n) from cOffset on, rows cStride apart
   */
  public static void subtractTransposed(
      int m,
      int n,
      int k,
      float[] a,
      int aOffset,
      int aStride,
      float[] b,
      int bOffset,
      int bStride,
      float[] c,
      int cOffset,
      int cStride) {
    checkRows("a", m, k, a, aOffset, aStride);
    checkRows("b", n, k, b, bOffset, bStride);
    checkRows("c", m, n, c, cOffset, cStride);
    GemmUpdateDriver.ofThread()
        .subtractTransposed(m, n, k, a, aOffset, aStride, b, bOffset, bStride, c, cOffset, cStride);
  }

  /**
   * c -= a b.
   *
   * @param b (k, n) from bOffset on, rows bStride apart
   */
  public static void subtract(
      int m,
      int n,
      int k,
      float[] a,
      int aOffset,
      int aStride,
      float[] b,
      int bOffset,
      int bStride,
      float[] c,
      int cOffset,
      int cStride) {
    checkRows("a", m, k, a, aOffset, aStride);
    checkRows("b", k, n, b, bOffset, bStride);
    checkRows("c", m, n, c, cOffset, cStride);
    GemmUpdateDriver.ofThread()
        .subtract(m, n, k, a, aOffset, aStride, b, bOffset, bStride, c, cOffset, cStride);
  }

  /**
   * c -= a a', the elements on and above the diagonal of c alone; those below are not written.
   *
   * @param n rows of a, rows and columns of c
   * @param k columns of a
   */
  public static void subtractSquare(
      int n, int k, float[] a, int aOffset, int aStride, float[] c, int cOffset, int cStride) {
    checkRows("a", n, k, a, aOffset, aStride);
    checkRows("c", n, n, c, cOffset, cStride);
    GemmUpdateDriver.ofThread().subtractSquare(n, k, a, aOffset, aStride, c, cOffset, cStride);
  }

  private static void checkRows(
      String name, int rows, int columns, float[] values, int offset, int stride) {
    if (rows < 0 || columns < 0 || stride < columns) {
      throw new IllegalArgumentException(
          "%s has %d rows of %d, %d apart".formatted(name, rows, columns, stride));
    }
    int length = rows == 0 ? 0 : Math.addExact(Math.multiplyExact(rows - 1, stride), columns);
    Objects.checkFromIndexSize(offset, length, values.length);
  }
}
