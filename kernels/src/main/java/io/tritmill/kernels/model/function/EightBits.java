package io.tritmill.kernels.model.function;

/** Rounds rows to integers of 8 bits times a scale of each, in float, half to even. */
public final class EightBits {
  /** A smaller largest value counts as this. */
  private static final float LEAST = 1e-5f;

  private EightBits() {}

  /**
   * Replaces each x by clamp(round(127 x / m), -128, 127) m / 127, m the largest |x| of its row.
   *
   * @param x (rows, columns) from 0 on
   */
  public static void round(int rows, int columns, float[] x) {
    for (int row = 0; row < rows; row++) {
      int from = row * columns;
      float largest = LEAST;
      for (int i = from; i < from + columns; i++) {
        largest = Math.max(largest, Math.abs(x[i]));
      }
      float scale = 127 / largest;
      for (int i = from; i < from + columns; i++) {
        x[i] = Math.clamp((float) Math.rint(x[i] * scale), -128, 127) / scale;
      }
    }
  }
}
