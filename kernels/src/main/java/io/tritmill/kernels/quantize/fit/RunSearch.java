package io.tritmill.kernels.quantize.fit;

import io.tritmill.kernels.code.BlockLevels;

/**
 * The scale and the least value of a run of a block, with the least squared error that is found:
 * any numbers first, then such as a block has.
 *
 * <p>Each of a series of scales gives codes, and these the best scale and least value by weighted
 * least squares; the best of them goes on in turns. On the ladder of a block, neighbours are tried
 * until none is better.
 */
final class RunSearch {
  /** Scales tried before the first turn. */
  private static final int STARTS = 8;

  private static final int TURNS = 8;

  /** Added to a small number and taken away again, it leaves an integer. */
  private static final double HALF_EVEN = 0x1.8p52;

  /** Moves on a ladder. */
  private static final int MOVES = 2;

  private final BlockLevels levels;
  private final int width;
  private final double low;
  private final double high;
  private double energy;
  private double bestError;
  private double scale;
  private double least;
  private int ladderScale;
  private int ladderLeast;

  RunSearch(BlockLevels levels) {
    this.levels = levels;
    width = levels.width();
    low = -levels.zero();
    high = levels.top() - levels.zero();
  }

  /** The scale of {@link #fit}. */
  double scale() {
    return scale;
  }

  /** What {@link #fit} subtracts: at least 0, but of a block that is one run. */
  double least() {
    return least;
  }

  /** The scale of {@link #round}. */
  int ladderScale() {
    return ladderScale;
  }

  /** What {@link #round} subtracts. */
  int ladderLeast() {
    return ladderLeast;
  }

  /**
   * Finds a scale and a least value.
   *
   * @param v what the squared error of each weight counts, from vAt on
   */
  void fit(float[] w, int at, float[] v, int vAt) {
    float min = levels.single() ? Float.POSITIVE_INFINITY : 0;
    float max = levels.hasLeast() ? Float.NEGATIVE_INFINITY : 0;
    energy = 0;
    for (int i = 0; i < width; i++) {
      min = Math.min(min, w[at + i]);
      max = Math.max(max, w[at + i]);
      energy += (double) v[vAt + i] * w[at + i] * w[at + i];
    }
    scale = 0;
    least = levels.hasLeast() ? -min : 0;
    bestError = Double.POSITIVE_INFINITY;
    if (!(max > min)) {
      return;
    }
    for (int start = 0; start < STARTS; start++) {
      if (levels.hasLeast()) {
        double steps = high + (start - 0.4 * STARTS) * 2.4 / STARTS;
        attempt(w, at, v, vAt, ((double) max - min) / steps, -min);
      } else {
        // The range ends at the weight furthest out, or before it.
        double part = 1 - start * (low < -8 ? 0.3 : 0.55) / STARTS;
        attempt(w, at, v, vAt, part * Math.max(min / low, max / high), 0);
        attempt(w, at, v, vAt, part * Math.min(max / low, min / high), 0);
      }
    }
    for (int turn = 0; turn < TURNS; turn++) {
      double before = bestError;
      attempt(w, at, v, vAt, scale, least);
      if (!(bestError < before)) {
        return;
      }
    }
  }

  /** Takes what is best for the codes that a scale and a least value make, if it is better. */
  private void attempt(float[] w, int at, float[] v, int vAt, double tried, double from) {
    if (tried == 0) {
      return;
    }
    double inverse = 1 / tried;
    double weights = 0;
    double values = 0;
    double codes = 0;
    double squares = 0;
    double products = 0;
    for (int i = 0; i < width; i++) {
      double value = w[at + i];
      double code = nearest((value + from) * inverse);
      double weighted = v[vAt + i] * code;
      weights += v[vAt + i];
      values += v[vAt + i] * value;
      codes += weighted;
      squares += weighted * code;
      products += weighted * value;
    }
    if (!(squares > 0)) {
      return;
    }
    double s = products / squares;
    double m = 0;
    double error = energy - s * products;
    if (levels.hasLeast()) {
      double determinant = weights * squares - codes * codes;
      double offset = determinant > 0 ? (codes * products - squares * values) / determinant : 0;
      if (offset > 0 || levels.single() && determinant > 0) {
        m = offset;
        s = (weights * products - codes * values) / determinant;
        error = energy - s * products + m * values;
      }
    }
    if (error < bestError && (s > 0 || !levels.hasLeast())) {
      bestError = error;
      scale = s;
      least = m;
    }
  }

  /**
   * Finds a scale and a least value among the multiples of a block's.
   *
   * @param step that scales are multiples of; 0 where there is none but zero
   * @param leastStep that least values are
   * @param fromScale where to begin
   * @return the squared error
   */
  double round(
      float[] w,
      int at,
      float[] v,
      int vAt,
      float step,
      float leastStep,
      int fromScale,
      int fromLeast) {
    int s = clamp(fromScale);
    int m = levels.hasLeast() ? clamp(fromLeast) : 0;
    double error = error(w, at, v, vAt, step * s, leastStep * m, Double.POSITIVE_INFINITY);
    for (int move = 0; move < MOVES; move++) {
      int fromS = s;
      int fromM = m;
      for (int ds = -1; ds <= 1; ds++) {
        for (int dm = levels.hasLeast() ? -1 : 0; dm <= (levels.hasLeast() ? 1 : 0); dm++) {
          int triedS = fromS + ds;
          int triedM = fromM + dm;
          if (ds == 0 && dm == 0 || triedS != clamp(triedS) || dm != 0 && triedM != clamp(triedM)) {
            continue;
          }
          double tried = error(w, at, v, vAt, step * triedS, leastStep * triedM, error);
          if (tried < error) {
            error = tried;
            s = triedS;
            m = triedM;
          }
        }
      }
      if (s == fromS && m == fromM) {
        break;
      }
    }
    ladderScale = s;
    ladderLeast = m;
    return error;
  }

  /** The nearest integer of the range, halves to even ones. */
  private double nearest(double value) {
    return Math.min(Math.max(value, low), high) + HALF_EVEN - HALF_EVEN;
  }

  private int clamp(int ladder) {
    return Math.clamp(ladder, levels.lowestScale(), levels.highestScale());
  }

  private double error(float[] w, int at, float[] v, int vAt, float s, float m, double enough) {
    float inverse = s == 0 ? 0 : 1 / s;
    double error = 0;
    for (int i = 0; i < width && error < enough; i++) {
      float value = w[at + i] + m;
      float code = (float) nearest(value * inverse);
      double miss = value - s * code;
      error += v[vAt + i] * miss * miss;
    }
    return error;
  }
}
