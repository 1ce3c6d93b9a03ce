package io.tritmill.kernels.quantize.fit;

import io.tritmill.kernels.code.Grid;

/**
 * One plane, solved exactly.
 *
 * <p>When the k largest magnitudes are kept and sum to S, the best scale is S / k and the squared
 * error falls by S^2 / k; so the best k is found by trying them all.
 */
public final class OnePlane implements GroupFit {
  private final SortedMagnitudes group;

  public OnePlane(int width) {
    group = new SortedMagnitudes(width);
  }

  @Override
  public void fitRow(float[] w, int offset, int columns, int width, double[] scales) {
    for (int begin = 0, at = 0; begin < columns; begin += width, at++) {
      group.load(w, offset + begin, Math.min(width, columns - begin));
      scales[at] = scale();
    }
  }

  private double scale() {
    int length = group.length();
    int bestKept = 1;
    double bestSum = 0;
    for (int kept = 1; kept <= length; kept++) {
      double sum = group.sum(length - kept, length);
      if (sum * sum * bestKept > bestSum * bestSum * kept) {
        bestKept = kept;
        bestSum = sum;
      }
    }
    return bestSum / bestKept;
  }

  @Override
  public void levels(float[] scales, Grid grid) {
    grid.level(scales[0] > 0 ? scales[0] / 2.0 : Double.POSITIVE_INFINITY, 1);
  }
}
