package io.tritmill.kernels.quantize.fit;

import io.tritmill.kernels.code.Grid;
import java.util.Arrays;

/**
 * Three planes with scales of their own: up to 13 levels above zero.
 *
 * <p>Of levels of equal value one alone is used: the one with fewer nonzero trits, then the one
 * that uses later planes.
 *
 * <p>Begun with equal scales, the turns often end in a poor solution, worse than the best scales in
 * the ratio 9:3:1. So they are begun from those too, and the solution of lesser error is kept.
 */
public final class ThreePlanes implements GroupFit {
  /**
   * The codes whose level is not negative when scales descend, in the order in which they win ties.
   * Of the last two one or the other is not.
   */
  private static final double[][] CODES = {
    {0, 0, 1},
    {0, 1, 0},
    {1, 0, 0},
    {0, 1, 1},
    {0, 1, -1},
    {1, 0, 1},
    {1, 0, -1},
    {1, 1, 0},
    {1, -1, 0},
    {1, 1, 1},
    {1, 1, -1},
    {1, -1, 1},
    {1, -1, -1},
    {-1, 1, 1}
  };

  private static final int LEVELS = CODES.length - 1;

  private static final int PADDED =
      Math.ceilDiv(LEVELS, SortedMagnitudes.STRIDE) * SortedMagnitudes.STRIDE;

  private final SortedMagnitudes group;
  private final Ridge ridge = new Ridge();
  private final int rounds;
  private final double[] values = new double[CODES.length];
  private final int[] order = new int[LEVELS];
  private final double[] thresholds = new double[PADDED];
  private final int[] ranks = new int[PADDED];
  // Of each level in use its code, for scales of this round and of the last.
  private final int[] levels = new int[LEVELS];
  private final int[] lastLevels = new int[LEVELS];
  private final int[] lastRanks = new int[PADDED];
  private final double[] counts = new double[6];
  private final double[] sums = new double[3];
  private final double[] signScales = new double[3];
  private final double[] tiedScales = new double[3];
  private final TiedPlanes tied;

  public ThreePlanes(int rounds, int width) {
    group = new SortedMagnitudes(width);
    this.rounds = rounds;
    tied = new TiedPlanes(3, rounds, new SortedLevelSums(group, 13));
    Arrays.setAll(order, i -> i);
  }

  @Override
  public void fitRow(float[] w, int offset, int columns, int width, double[] scales) {
    for (int begin = 0, at = 0; begin < columns; begin += width, at += 3) {
      group.load(w, offset + begin, Math.min(width, columns - begin));
      double gain = fromSigns();
      double tiedGain = fromTied();
      System.arraycopy(tiedGain >= gain ? tiedScales : signScales, 0, scales, at, 3);
    }
  }

  private double fromSigns() {
    Arrays.fill(counts, group.nonzero());
    Arrays.fill(sums, group.sum(0, group.length()));
    solve(signScales);
    return alternate(signScales);
  }

  private double fromTied() {
    double s = tied.scale();
    tiedScales[0] = 9 * s;
    tiedScales[1] = 3 * s;
    tiedScales[2] = s;
    return alternate(tiedScales);
  }

  /**
   * Fits codes and scales in turns.
   *
   * @param a the scales to begin with, and those found
   * @return by how much the squared error falls below that of zeros
   */
  private double alternate(double[] a) {
    Arrays.fill(lastRanks, -1);
    double gain = 0;
    for (int round = 0; round < rounds; round++) {
      int used = split(a[0], a[1], a[2]);
      for (int first = 0; first < PADDED; first += SortedMagnitudes.STRIDE) {
        group.rank(thresholds, first, ranks);
      }
      if (Arrays.equals(ranks, lastRanks) && Arrays.equals(levels, lastLevels)) {
        break;
      }
      System.arraycopy(ranks, 0, lastRanks, 0, PADDED);
      System.arraycopy(levels, 0, lastLevels, 0, levels.length);
      gather(used);
      gain = solve(a);
    }
    return gain;
  }

  /** Writes the scales of the codes gathered, folded and in descending order. */
  private double solve(double[] a) {
    ridge.solve(counts, sums);
    descending(Math.abs(ridge.first()), Math.abs(ridge.second()), Math.abs(ridge.third()), a);
    return ridge.first() * sums[0] + ridge.second() * sums[1] + ridge.third() * sums[2];
  }

  /** Sets counts and sums of the codes that the ranks stand for; no magnitude is above infinity. */
  private void gather(int used) {
    double n11 = 0;
    double n12 = 0;
    double n13 = 0;
    double n22 = 0;
    double n23 = 0;
    double n33 = 0;
    double b1 = 0;
    double b2 = 0;
    double b3 = 0;
    for (int level = 0; level < used; level++) {
      int from = ranks[level];
      int to = ranks[level + 1];
      double[] code = CODES[levels[level]];
      double c1 = code[0];
      double c2 = code[1];
      double c3 = code[2];
      double count = to - from;
      double sum = group.sum(from, to);
      n11 += c1 * c1 * count;
      n12 += c1 * c2 * count;
      n13 += c1 * c3 * count;
      n22 += c2 * c2 * count;
      n23 += c2 * c3 * count;
      n33 += c3 * c3 * count;
      b1 += c1 * sum;
      b2 += c2 * sum;
      b3 += c3 * sum;
    }
    counts[0] = n11;
    counts[1] = n12;
    counts[2] = n13;
    counts[3] = n22;
    counts[4] = n23;
    counts[5] = n33;
    sums[0] = b1;
    sums[1] = b2;
    sums[2] = b3;
  }

  @Override
  public void levels(float[] scales, Grid grid) {
    int used = split(scales[0], scales[1], scales[2]);
    for (int level = 0; level < used; level++) {
      double[] code = CODES[levels[level]];
      grid.level(thresholds[level], (int) code[0], (int) code[1], (int) code[2]);
    }
  }

  /**
   * Sets levels and thresholds for scales in descending order.
   *
   * @return the number of levels in use
   */
  private int split(double a, double b, double c) {
    for (int i = 0; i < CODES.length; i++) {
      double[] code = CODES[i];
      values[i] = code[0] * a + code[1] * b + code[2] * c;
    }
    int lastCode = values[LEVELS - 1] < 0 ? LEVELS : LEVELS - 1;
    values[LEVELS - 1] = values[lastCode];
    sortByValue();
    int used = 0;
    double last = 0;
    for (int code : order) {
      if (values[code] > last) {
        thresholds[used] = (last + values[code]) / 2;
        levels[used] = code == LEVELS - 1 ? lastCode : code;
        last = values[code];
        used++;
      }
    }
    Arrays.fill(thresholds, used, PADDED, Double.POSITIVE_INFINITY);
    Arrays.fill(levels, used, LEVELS, 0);
    return used;
  }

  /** Insertion sort: the order hardly changes from one round to the next. */
  private void sortByValue() {
    for (int i = 1; i < order.length; i++) {
      int code = order[i];
      int to = i;
      while (to > 0 && comesBefore(code, order[to - 1])) {
        order[to] = order[to - 1];
        to--;
      }
      order[to] = code;
    }
  }

  private boolean comesBefore(int code, int other) {
    return values[code] < values[other] || (values[code] == values[other] && code < other);
  }

  private static void descending(double x, double y, double z, double[] into) {
    double high = Math.max(x, y);
    double low = Math.min(x, y);
    into[0] = Math.max(high, z);
    into[1] = Math.max(low, Math.min(high, z));
    into[2] = Math.min(low, z);
  }
}
