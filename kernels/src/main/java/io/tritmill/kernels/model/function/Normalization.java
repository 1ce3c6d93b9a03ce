package io.tritmill.kernels.model.function;

import io.tritmill.kernels.model.Norm;
import io.tritmill.kernels.simd.Simd;

/** Norms of vectors, as {@link Norm} describes them; sums in double. */
public final class Normalization {
  private Normalization() {}

  /**
   * Normalizes rows of one vector each, or of several with gains of their own; x and y may be the
   * same array at the same place.
   *
   * @param tokens rows
   * @param gain (vectors of a row, width); ones where the norm has none
   * @param x (tokens, vectors of a row, width) from xAt on
   * @param y likewise, from yAt on; overwritten
   */
  public static void apply(
      Norm norm, int tokens, float[] gain, float[] x, int xAt, float[] y, int yAt) {
    int width = norm.weight() == null ? gain.length : norm.weight().columns();
    int row = gain.length;
    for (int t = 0; t < tokens; t++) {
      for (int at = 0; at < row; at += width) {
        int from = xAt + t * row + at;
        int to = yAt + t * row + at;
        switch (norm.kind()) {
          case RMS -> rms(width, gain, at, norm.epsilon(), x, from, y, to);
          case LAYER -> layer(width, gain, at, norm.epsilon(), x, from, y, to);
        }
      }
    }
  }

  private static void rms(
      int width, float[] gain, int gains, float epsilon, float[] x, int from, float[] y, int to) {
    double meanSquare = Simd.sumOfSquares(x, from, width) / width;
    float scale = (float) (1 / Math.sqrt(meanSquare + epsilon));
    for (int c = 0; c < width; c++) {
      y[to + c] = x[from + c] * scale * gain[gains + c];
    }
  }

  private static void layer(
      int width, float[] gain, int gains, float epsilon, float[] x, int from, float[] y, int to) {
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
      y[to + c] = y[to + c] * scale * gain[gains + c];
    }
  }
}
