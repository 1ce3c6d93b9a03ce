package io.tritmill.kernels.quantize.fit;

/** Levels from ranks among the sorted magnitudes: a few searches for each scale. */
final class SortedLevelSums implements LevelSums {
  private final SortedMagnitudes group;
  private final int top;
  private final double[] thresholds;
  private final int[] ranks;
  private double product;
  private double square;

  /** Shares the magnitudes with whoever else loads them. */
  SortedLevelSums(SortedMagnitudes group, int top) {
    this.group = group;
    this.top = top;
    int padded = Math.ceilDiv(top, SortedMagnitudes.STRIDE) * SortedMagnitudes.STRIDE;
    thresholds = new double[padded];
    ranks = new int[padded];
  }

  @Override
  public void load(float[] w, int offset, int count) {
    group.load(w, offset, count);
  }

  @Override
  public double largest() {
    return group.largest();
  }

  @Override
  public double rootMeanSquare() {
    return group.rootMeanSquare();
  }

  @Override
  public void choose(double scale) {
    for (int k = 0; k < thresholds.length; k++) {
      thresholds[k] = (k + 0.5) * scale;
    }
    for (int first = 0; first < ranks.length; first += SortedMagnitudes.STRIDE) {
      group.rank(thresholds, first, ranks);
    }
    int length = group.length();
    product = 0;
    square = 0;
    for (int k = 0; k < top; k++) {
      // A magnitude at level k is above k thresholds, and k^2 is the sum of the first k odd
      // numbers.
      product += group.sum(ranks[k], length);
      square += (2.0 * k + 1) * (length - ranks[k]);
    }
  }

  @Override
  public double product() {
    return product;
  }

  @Override
  public double square() {
    return square;
  }
}
