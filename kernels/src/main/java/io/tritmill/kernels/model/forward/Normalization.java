package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Norm;
import io.tritmill.kernels.simd.Simd;

/** Norms of vectors, as {@link Norm} describes them; sums in double. */
final class Normalization {
  private Normalization() {}

  /**
   * Normalizes rows, each of as many elements as there are gains; x and y may be the same array at
   * the same place.
   *
   * @param tokens rows
   * @param gain (width)
   * @param x (tokens, width) from xAt on
   * @param y (tokens, width) from yAt on; overwritten
   */
  static void apply(Norm norm, int tokens, float[] gain, float[] x, int xAt, float[] y, int yAt) {
    switch (norm.kind()) {
      case RMS -> rms(tokens, gain, norm.epsilon(), x, xAt, y, yAt);
      case LAYER -> layer(tokens, gain, norm.epsilon(), x, xAt, y, yAt);
    }
  }

  private static void rms(
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

  private static void layer(
      int tokens, float[] gain, float epsilon, float[] x, int xAt, float[] y, int yAt) {
    int width = gain.length;
    for (int t = 0; t < tokens; t++) {
      int from = xAt + t * width;
      int to = yAt + t * width;
      double sum = 0;
      for (int c = 0; c < width; c++) {
        sum += x[from + c];
      }
      float mean = (float) (sum / width);
      for (int c = 0; c < width; c++) {
        y[to + c] = x[from + c] - mean;
      }
      double variance = Simd.sumOfSquares(y, to, width) / width;
      float scale = (float) (1 / Math.sqrt(variance + epsilon));
      for (int c = 0; c < width; c++) {
        y[to + c] = y[to + c] * scale * gain[c];
      }
    }
  }
}
