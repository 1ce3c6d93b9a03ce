package io.tritmill.kernels.quantize.fit;

import io.tritmill.kernels.code.Grid;
import io.tritmill.kernels.code.TiedLevels;

/**
 * Planes whose scales stand 3:1 or 9:3:1: the levels are the integers up to 4 or 13 times one
 * scale.
 *
 * <p>Least squares gives the scale of codes k as sum(k |w|) / sum(k^2), and then the squared error
 * falls by sum(k |w|)^2 / sum(k^2). The fall is computed for a series of scales, and from the best
 * of them codes and scale are fitted in turns.
 */
public final class TiedPlanes implements GroupFit {
  /** Scales tried before the first round. */
  private static final int STARTS = 12;

  /** The coarsest scale tried puts the largest magnitude this far below the top level. */
  private static final double COARSEST = 1.12;

  /** The finest scale tried puts the top level at this multiple of the root mean square. */
  private static final double FINEST = 1.6;

  private static final int WIDEST_SWEPT = 512;

  private final LevelSums group;
  private final TiedLevels levels;
  private final int top;
  private final int rounds;
  private double scale;
  private double gain;

  public TiedPlanes(int planes, int rounds, int width) {
    this(planes, rounds, sums(planes, width));
  }

  /** Sweeps are faster for few levels, but their float sums are too short for wide groups. */
  private static LevelSums sums(int planes, int width) {
    return planes == 2 && width <= WIDEST_SWEPT
        ? new SweptLevelSums()
        : new SortedLevelSums(new SortedMagnitudes(width), new TiedLevels(planes).top());
  }

  /** Fits groups that {@link #scale} finds loaded. */
  public TiedPlanes(int planes, int rounds, LevelSums group) {
    this.rounds = rounds;
    this.group = group;
    levels = new TiedLevels(planes);
    top = levels.top();
  }

  @Override
  public void fitRow(float[] w, int offset, int columns, int width, double[] scales) {
    for (int begin = 0, at = 0; begin < columns; begin += width, at++) {
      group.load(w, offset + begin, Math.min(width, columns - begin));
      scales[at] = scale();
    }
  }

  /** The scale of least error found for the group as loaded. */
  double scale() {
    double largest = group.largest();
    if (largest == 0) {
      return 0;
    }
    double coarsest = COARSEST * largest / top;
    double finest = Math.min(FINEST * group.rootMeanSquare() / top, largest / (top + 0.5));
    double ratio = Math.pow(finest / coarsest, 1.0 / (STARTS - 1));
    double best = 0;
    double bestGain = -1;
    double start = coarsest;
    for (int i = 0; i < STARTS; i++) {
      refit(start);
      if (gain > bestGain) {
        bestGain = gain;
        best = scale;
      }
      start *= ratio;
    }
    for (int round = 0; round < rounds; round++) {
      refit(best);
      if (!(gain > bestGain)) {
        break;
      }
      bestGain = gain;
      best = scale;
    }
    return best;
  }

  /** Sets scale and gain of the codes that are nearest at scale {@code s}. */
  private void refit(double s) {
    group.choose(s);
    double square = group.square();
    scale = square == 0 ? 0 : group.product() / square;
    gain = square == 0 ? 0 : group.product() * scale;
  }

  @Override
  public void levels(float[] scales, Grid grid) {
    levels.append(scales[0], grid);
  }
}
