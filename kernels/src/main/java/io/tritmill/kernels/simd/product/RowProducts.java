package io.tritmill.kernels.simd.product;

/**
 * A single row against the rows of a matrix, c = a b' with one row in a and c.
 *
 * <p>Every element is a chain over ascending k, so registers cannot run along the rows of b, and to
 * turn them over costs more than the product. Eight chains of single numbers, one for each of eight
 * rows, read b once and in its own order, as fast as chains that wait for themselves allow.
 */
final class RowProducts {
  private static final int CHAINS = 8;

  private RowProducts() {}

  /**
   * c = a b'.
   *
   * @param n rows of b
   * @param k elements of a row
   * @param a (k) from aAt on
   * @param b (n, k) from bAt on, rows bStride apart
   * @param c (n) from cAt on; overwritten
   */
  static void multiply(
      int n, int k, float[] a, int aAt, float[] b, int bAt, int bStride, float[] c, int cAt) {
    int j = 0;
    for (; j + CHAINS <= n; j += CHAINS) {
      eight(k, a, aAt, b, bAt + j * bStride, bStride, c, cAt + j);
    }
    for (; j < n; j++) {
      c[cAt + j] = one(k, a, aAt, b, bAt + j * bStride);
    }
  }

  private static void eight(
      int k, float[] a, int aAt, float[] b, int row0, int bStride, float[] c, int cAt) {
    int row1 = row0 + bStride;
    int row2 = row1 + bStride;
    int row3 = row2 + bStride;
    int row4 = row3 + bStride;
    int row5 = row4 + bStride;
    int row6 = row5 + bStride;
    int row7 = row6 + bStride;
    float c0 = 0, c1 = 0, c2 = 0, c3 = 0, c4 = 0, c5 = 0, c6 = 0, c7 = 0;
    for (int p = 0; p < k; p++) {
      float factor = a[aAt + p];
      c0 = Math.fma(factor, b[row0 + p], c0);
      c1 = Math.fma(factor, b[row1 + p], c1);
      c2 = Math.fma(factor, b[row2 + p], c2);
      c3 = Math.fma(factor, b[row3 + p], c3);
      c4 = Math.fma(factor, b[row4 + p], c4);
      c5 = Math.fma(factor, b[row5 + p], c5);
      c6 = Math.fma(factor, b[row6 + p], c6);
      c7 = Math.fma(factor, b[row7 + p], c7);
    }
    c[cAt] = c0;
    c[cAt + 1] = c1;
    c[cAt + 2] = c2;
    c[cAt + 3] = c3;
    c[cAt + 4] = c4;
    c[cAt + 5] = c5;
    c[cAt + 6] = c6;
    c[cAt + 7] = c7;
  }

  private static float one(int k, float[] a, int aAt, float[] b, int row) {
    float sum = 0;
    for (int p = 0; p < k; p++) {
      sum = Math.fma(a[aAt + p], b[row + p], sum);
    }
    return sum;
  }
}
