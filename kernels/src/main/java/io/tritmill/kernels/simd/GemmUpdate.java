package io.tritmill.kernels.simd;

import io.tritmill.kernels.parallel.Cores;
import io.tritmill.kernels.simd.product.GemmUpdateDriver;
import io.tritmill.kernels.simd.product.ProductParts;
import java.util.Objects;

/**
 * Matrix products in float that are subtracted from what is there.
 *
 * <p>Every element of c is one chain of fused multiply-adds over ascending k that begins with the
 * element itself: {@code c = fma(-a, b, c)}. Tiles and register widths change nothing in the
 * result. Operands may lie in the array of c, but must not overlap the elements that are written. A
 * large product takes the cores that {@link Cores} has for it.
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
    ProductParts.run(
        m,
        n,
        k,
        (row, rows, column, columns) ->
            GemmUpdateDriver.ofThread()
                .subtractTransposed(
                    rows,
                    columns,
                    k,
                    a,
                    aOffset + row * aStride,
                    aStride,
                    b,
                    bOffset + column * bStride,
                    bStride,
                    c,
                    cOffset + row * cStride + column,
                    cStride));
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
    ProductParts.run(
        m,
        n,
        k,
        (row, rows, column, columns) ->
            GemmUpdateDriver.ofThread()
                .subtract(
                    rows,
                    columns,
                    k,
                    a,
                    aOffset + row * aStride,
                    aStride,
                    b,
                    bOffset + column,
                    bStride,
                    c,
                    cOffset + row * cStride + column,
                    cStride));
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
    ProductParts.runUpperHalf(
        n,
        k,
        (row, rows, column, columns) ->
            GemmUpdateDriver.ofThread()
                .subtractUpper(
                    rows,
                    columns,
                    k,
                    a,
                    aOffset + row * aStride,
                    aStride,
                    c,
                    cOffset + row * cStride + column,
                    cStride));
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
