package io.tritmill.kernels.quantize;

/**
 * Two planes with scales a >= b >= 0 of their own.
 *
 * <p>The levels are 0, d = a - b, b, a and s = a + b, reached by the trits (0,0), (1,-1), (0,1),
 * (1,0) and (1,1); d and b stand in either order. Of levels of equal value one alone is used, the
 * first of (0,0), (0,1), (1,0), (1,1), (1,-1); the others are left empty.
 */
final class TwoPlanes implements GroupFit {
  private final Ridge ridge = new Ridge();
  private final int rounds;
  private final double[] thresholds = new double[SortedMagnitudes.STRIDE];
  private final int[] ranks = new int[SortedMagnitudes.STRIDE];

  TwoPlanes(int rounds) {
    this.rounds = rounds;
  }

  @Override
  public void scales(SortedMagnitudes group, double[] into) {
    int length = group.length();
    // Both planes begin as the signs, and so with one scale: the ridge alone tells them apart.
    double total = group.sum(0, length);
    ridge.solve(length, length, length, total, total);
    double a = ridge.first();
    double b = ridge.second();
    int r0 = -1;
    int r1 = -1;
    int r2 = -1;
    int r3 = -1;
    boolean differenceWasLowest = false;
    for (int round = 0; round < rounds; round++) {
      boolean differenceLowest = split(a, b);
      group.rank(thresholds, 0, ranks);
      if (r0 == ranks[0]
          && r1 == ranks[1]
          && r2 == ranks[2]
          && r3 == ranks[3]
          && differenceLowest == differenceWasLowest) {
        break;
      }
      r0 = ranks[0];
      r1 = ranks[1];
      r2 = ranks[2];
      r3 = ranks[3];
      differenceWasLowest = differenceLowest;
      int lower = r1 - r0;
      int upper = r2 - r1;
      double lowerSum = group.sum(r0, r1);
      double upperSum = group.sum(r1, r2);
      int d = differenceLowest ? lower : upper;
      int both = length - r3;
      double dSum = differenceLowest ? lowerSum : upperSum;
      double bSum = differenceLowest ? upperSum : lowerSum;
      double bothSum = group.sum(r3, length);
      ridge.solve(
          d + r3 - r2 + both,
          both - d,
          lower + upper + both,
          dSum + group.sum(r2, r3) + bothSum,
          bSum - dSum + bothSum);
      double x = Math.abs(ridge.first());
      double y = Math.abs(ridge.second());
      a = Math.max(x, y);
      b = Math.min(x, y);
    }
    into[0] = a;
    into[1] = b;
  }

  @Override
  public void levels(float[] scales, Grid grid) {
    int lowest = split(scales[0], scales[1]) ? 1 : 0;
    int next = 1 - lowest;
    grid.level(thresholds[0], lowest, 1 - 2 * lowest);
    grid.level(thresholds[1], next, 1 - 2 * next);
    grid.level(thresholds[2], 1, 0);
    grid.level(thresholds[3], 1, 1);
  }

  /**
   * Sets the thresholds halfway between the levels; a level whose threshold equals the next one's
   * is empty.
   *
   * @return whether d comes before b
   */
  private boolean split(double a, double b) {
    double d = a - b;
    double low = Math.min(d, b);
    double high = Math.max(d, b);
    thresholds[0] = low / 2;
    thresholds[1] = (low + high) / 2;
    thresholds[2] = (high + a) / 2;
    thresholds[3] = a + b / 2;
    if (low == 0 || d == b) {
      dropEqualLevels(a, b);
    }
    return d < b;
  }

  private void dropEqualLevels(double a, double b) {
    if (a == 0) {
      java.util.Arrays.fill(thresholds, Double.POSITIVE_INFINITY);
    } else if (b == 0) {
      thresholds[0] = thresholds[1];
      thresholds[2] = thresholds[1];
      thresholds[3] = Double.POSITIVE_INFINITY;
    } else if (a == b) {
      thresholds[0] = thresholds[1];
      thresholds[2] = thresholds[3];
    } else {
      thresholds[1] = thresholds[2];
    }
  }
}
