package io.tritmill.kernels.quantize;

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
final class ThreePlanes implements GroupFit {
  /** One of each pair of opposite codes, in the order in which they win ties. */
  private static final byte[][] CODES = {
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
    {1, -1, -1}
  };

  private static final int PADDED =
      Math.ceilDiv(CODES.length, SortedMagnitudes.STRIDE) * SortedMagnitudes.STRIDE;

  private final SortedMagnitudes group;
  private final Ridge ridge = new Ridge();
  private final int rounds;
  private final double[] values = new double[CODES.length];
  private final int[] signs = new int[CODES.length];
  private final int[] order = new int[CODES.length];
  private final double[] thresholds = new double[PADDED];
  private final int[] ranks = new int[PADDED];
  // Of each level in use its code, opposite codes told apart by sign; of the last round too.
  private final int[] levels = new int[CODES.length];
  private final int[] lastLevels = new int[CODES.length];
  private final int[] lastRanks = new int[PADDED];
  private final double[] counts = new double[6];
  private final double[] sums = new double[3];
  private final double[] signScales = new double[3];
  private final double[] tiedScales = new double[3];
  private final TiedPlanes tied;

  ThreePlanes(int rounds, int width) {
    group = new SortedMagnitudes(width);
    this.rounds = rounds;
    tied = new TiedPlanes(3, rounds, 0);
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
    double s = tied.scale(group);
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

  /** Sets counts and sums of the codes that the ranks stand for. */
  private void gather(int used) {
    Arrays.fill(counts, 0);
    Arrays.fill(sums, 0);
    for (int level = 0; level < used; level++) {
      int from = ranks[level];
      int to = level + 1 < used ? ranks[level + 1] : group.length();
      if (from == to) {
        continue;
      }
      int sign = levels[level] < 0 ? -1 : 1;
      byte[] code = CODES[sign < 0 ? ~levels[level] : levels[level]];
      double sum = sign * group.sum(from, to);
      int at = 0;
      for (int p = 0; p < 3; p++) {
        sums[p] += code[p] * sum;
        for (int q = p; q < 3; q++) {
          counts[at++] += code[p] * code[q] * (to - from);
        }
      }
    }
  }

  @Override
  public void levels(float[] scales, Grid grid) {
    int used = split(scales[0], scales[1], scales[2]);
    for (int level = 0; level < used; level++) {
      int sign = levels[level] < 0 ? -1 : 1;
      byte[] code = CODES[sign < 0 ? ~levels[level] : levels[level]];
      grid.level(thresholds[level], sign * code[0], sign * code[1], sign * code[2]);
    }
  }

  /**
   * Sets levels and thresholds for scales in descending order.
   *
   * @return the number of levels in use
   */
  private int split(double a, double b, double c) {
    for (int i = 0; i < CODES.length; i++) {
      byte[] code = CODES[i];
      double value = code[0] * a + code[1] * b + code[2] * c;
      values[i] = Math.abs(value);
      signs[i] = value < 0 ? -1 : 1;
    }
    sortByValue();
    int used = 0;
    double last = 0;
    for (int code : order) {
      if (values[code] > last) {
        thresholds[used] = (last + values[code]) / 2;
        levels[used] = signs[code] < 0 ? ~code : code;
        last = values[code];
        used++;
      }
    }
    Arrays.fill(thresholds, used, PADDED, Double.POSITIVE_INFINITY);
    Arrays.fill(levels, used, levels.length, 0);
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
