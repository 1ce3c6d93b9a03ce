package io.tritmill.kernels.simd;

import io.tritmill.kernels.tensor.WeightRows;

/**
 * Matrix products in float.
 *
 * <p>Every element of a product is one chain of fused multiply-adds over ascending k that begins at
 * zero. Tiles, register widths and the number of rows multiplied at once change nothing in the
 * result.
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
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        float sum = 0;
        for (int p = 0; p < k; p++) {
          sum = Math.fma(a[aOffset + i * aStride + p], b[bOffset + j * bStride + p], sum);
        }
        c[cOffset + i * cStride + j] = sum;
      }
    }
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
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        float sum = 0;
        for (int p = 0; p < k; p++) {
          sum = Math.fma(a[aOffset + i * aStride + p], b[bOffset + p * bStride + j], sum);
        }
        c[cOffset + i * cStride + j] = sum;
      }
    }
  }

  /**
   * c = a w', a linear layer over a weight that is decoded a few rows at a time.
   *
   * @param tokens rows of a and c
   * @param a (tokens, w.columns())
   * @param c (tokens, w.rows()); overwritten
   */
  public static void multiplyTransposed(int tokens, float[] a, WeightRows w, float[] c) {
    int band = Math.max(1, Math.min(w.rows(), (1 << 18) / w.columns()));
    float[] rows = new float[band * w.columns()];
    for (int first = 0; first < w.rows(); first += band) {
      int count = Math.min(band, w.rows() - first);
      w.decode(first, count, rows, 0);
      multiplyTransposed(
          tokens, count, w.columns(), a, 0, w.columns(), rows, 0, w.columns(), c, first, w.rows());
    }
  }
}
