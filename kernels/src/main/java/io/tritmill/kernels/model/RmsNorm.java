package io.tritmill.kernels.model;

import io.tritmill.kernels.simd.Simd;

/**
 * Root mean square layer normalization (arXiv:1910.07467): y = x / sqrt(mean(x^2) + epsilon) *
 * gain, the mean in double.
 */
final class RmsNorm {
  private RmsNorm() {}

  /**
   * Normalizes rows; x and y may be the same array at the same place.
   *
   * @param tokens rows
   * @param gain (width)
   * @param x (tokens, width) from xAt on
   * @param y (tokens, width) from yAt on; overwritten
   */
  static void apply(
      int tokens, float[] gain, float epsilon, float[] x, int xAt, float[] y, int yAt) {
    int width = gain.length;
    for (int t = 0; t < tokens; t++) {
      int from = xAt + t * width;
      int to = yAt + t * width;
      double meanSquare = Simd.sumOfSquares(x, from, width) / width;
      float scale = (float) (1 / Math.sqrt(meanSquare + epsilon));
      for (int c = 0; c < width; c++) {
        y[to + c] = x[from + c] * scale * gain[c];
      }
    }
  }
}
