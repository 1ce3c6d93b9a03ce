package io.tritmill.kernels.simd;

import io.tritmill.kernels.parallel.Cores;
import io.tritmill.kernels.simd.product.GemmDriver;
import io.tritmill.kernels.simd.product.ProductParts;
import io.tritmill.kernels.simd.product.RowRange;
import java.util.Objects;

/**
 * Matrix products in float.
 *
 * <p>Every element of a product is one chain of fused multiply-adds over ascending k that begins at
 * zero. Tiles, register widths and the number of rows multiplied at once change nothing in the
 * result. The result must not overlap an operand; rows may lie further apart than they are long. A
 * large product takes the cores that {@link Cores} has for it.
 */
public final class Gemm {
  private Gemm() {}

  /**
   * c = a b', the product with a transposed right operand.
   *
   * @param m rows of a and c
   * @param n rows of b, columns of c
   * @param k columns of a and b
   * @param a (m, k) from aOffset on, rows aStride apart
   * @param b (n, k) from bOffset on, rows bStride apart
   * @param c (m, n) from cOffset on, rows cStride apart; overwritten
   */
  public static void multiplyTransposed(
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
            GemmDriver.ofThread()
                .multiplyTransposed(
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
   * c = a b.
   *
   * @param b (k, n) from bOffset on, rows bStride apart
   */
  public static void multiply(
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
            GemmDriver.ofThread()
                .multiply(
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
   * c = a w', a linear layer over a weight that is decoded a few rows at a time.
   *
   * @param tokens rows of a and c
   * @param a (tokens, w.columns())
   * @param c (tokens, w.rows()); overwritten
   */
  public static void multiplyTransposed(int tokens, float[] a, RowSource w, float[] c) {
    checkRows("a", tokens, w.columns(), a, 0, w.columns());
    checkRows("c", tokens, w.rows(), c, 0, w.rows());
    // What is read when it is asked for first is read by this thread.
    w.decode(0, 0, c, 0);
    ProductParts.runColumns(
        tokens,
        w.rows(),
        w.columns(),
        (row, rows, column, columns) ->
            GemmDriver.ofThread()
                .multiplyTransposed(
                    rows, a, new RowRange(w, column, columns), c, column, w.rows()));
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
