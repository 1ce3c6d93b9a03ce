package io.tritmill.kernels.code;

import io.tritmill.kernels.tensor.Matrix;

/** Tells weights that became zero because IEEE half has no scale so small. */
public final class ScaleUnderflow {
  /** What a method that learns may have moved to zero on purpose, where inputs are dead. */
  private static final double LEARNED = 0x1p-16;

  private ScaleUnderflow() {}

  /**
   * Refuses a group that has weights, but no scale left to tell them by.
   *
   * @param learns whether the method looks at more than the weights
   * @throws UnusableWeightException if there is one
   */
  public static void refuse(Matrix weights, Coded codes, boolean learns) {
    Group group = codes.levels().group();
    int columns = weights.columns();
    int width = group.width(columns);
    for (int row = 0; row < weights.rows(); row++) {
      for (int begin = 0, g = 0; begin < columns; begin += width, g++) {
        if (!codes.zero(row, g)) {
          continue;
        }
        float largest = largest(weights, row, begin, Math.min(begin + width, columns));
        if (largest > 0 && (!learns || largest < LEARNED)) {
          throw new UnusableWeightException(
              row,
              "found weights of at most %s from column %d on, whose scale would be 0 in IEEE half; a"
                      .formatted(largest, begin)
                  + " rule with keep: true leaves the layer as it is");
        }
      }
    }
  }

  private static float largest(Matrix weights, int row, int begin, int end) {
    float largest = 0;
    for (int c = begin; c < end; c++) {
      largest = Math.max(largest, Math.abs(weights.values()[row * weights.columns() + c]));
    }
    return largest;
  }
}
