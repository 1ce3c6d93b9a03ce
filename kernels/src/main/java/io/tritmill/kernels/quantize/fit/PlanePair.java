package io.tritmill.kernels.quantize.fit;

import io.tritmill.kernels.code.Grid;
import io.tritmill.kernels.simd.Simd;
import java.util.Arrays;

/**
 * The fit of one group by two planes with scales a >= b >= 0.
 *
 * <p>The levels are 0, d = a - b, b, a and s = a + b, reached by the trits (0,0), (1,-1), (0,1),
 * (1,0) and (1,1); d and b stand in either order. Of levels of equal value one alone is used, the
 * first of (0,0), (0,1), (1,0), (1,1), (1,-1); the others are left empty. How many magnitudes lie
 * above each of four thresholds, and what they sum to, is all that the next scales depend on.
 */
final class PlanePair {
  private static final int LEVELS = 4;

  private final Ridge ridge = new Ridge();
  private final float[] thresholds = new float[LEVELS];
  private final int[] above = new int[LEVELS];
  private final float[] sums = new float[LEVELS];
  private final int[] lastAbove = new int[LEVELS];
  private boolean differenceWasLowest;
  private double a;
  private double b;

  /** Takes the signs as both planes, and so equal scales. */
  void begin(float[] w, int offset, int length) {
    thresholds[0] = 0;
    Simd.tally(w, offset, length, thresholds, 1, above, sums);
    ridge.solve(above[0], above[0], above[0], sums[0], sums[0]);
    takeScales();
    lastAbove[0] = -1;
  }

  /**
   * Chooses codes for the scales, then scales for the codes.
   *
   * @return whether the codes are others than the last ones
   */
  boolean turn(float[] w, int offset, int length) {
    boolean differenceLowest = split();
    Simd.tally(w, offset, length, thresholds, LEVELS, above, sums);
    boolean changed = differenceLowest != differenceWasLowest;
    for (int level = 0; level < LEVELS; level++) {
      changed |= above[level] != lastAbove[level];
      lastAbove[level] = above[level];
    }
    if (!changed) {
      return false;
    }
    differenceWasLowest = differenceLowest;
    int lower = above[0] - above[1];
    int upper = above[1] - above[2];
    double lowerSum = (double) sums[0] - sums[1];
    double upperSum = (double) sums[1] - sums[2];
    int d = differenceLowest ? lower : upper;
    double dSum = differenceLowest ? lowerSum : upperSum;
    double bSum = differenceLowest ? upperSum : lowerSum;
    ridge.solve(
        d + above[2],
        above[3] - d,
        lower + upper + above[3],
        dSum + sums[2],
        bSum - dSum + sums[3]);
    takeScales();
    return true;
  }

  private void takeScales() {
    double x = Math.abs(ridge.first());
    double y = Math.abs(ridge.second());
    a = Math.max(x, y);
    b = Math.min(x, y);
  }

  double larger() {
    return a;
  }

  double smaller() {
    return b;
  }

  /** Appends the levels of these scales. */
  void levels(float larger, float smaller, Grid grid) {
    a = larger;
    b = smaller;
    int lowest = split() ? 1 : 0;
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
  private boolean split() {
    double d = a - b;
    double low = Math.min(d, b);
    double high = Math.max(d, b);
    thresholds[0] = (float) (low / 2);
    thresholds[1] = (float) ((low + high) / 2);
    thresholds[2] = (float) ((high + a) / 2);
    thresholds[3] = (float) (a + b / 2);
    if (low == 0 || d == b) {
      dropEqualLevels();
    }
    return d < b;
  }

  private void dropEqualLevels() {
    if (a == 0) {
      Arrays.fill(thresholds, Float.POSITIVE_INFINITY);
    } else if (b == 0) {
      thresholds[0] = thresholds[1];
      thresholds[2] = thresholds[1];
      thresholds[3] = Float.POSITIVE_INFINITY;
    } else if (a == b) {
      thresholds[0] = thresholds[1];
      thresholds[2] = thresholds[3];
    } else {
      thresholds[1] = thresholds[2];
    }
  }
}
