package io.tritmill.kernels.quantize.fit;

import io.tritmill.kernels.code.IntegerLevels;
import io.tritmill.kernels.simd.Simd;

/**
 * The scale of integers in a range with the least squared error: the best of a series of scales,
 * then integers and scale in turns.
 *
 * <p>For integers q the best scale is sum(q w) / sum(q^2), and the squared error falls by sum(q
 * w)^2 / sum(q^2). A range around a fixed zero is tried as it is and turned over, which is the same
 * with a scale below zero. A zero point is where the range of the weights, shrunk as much as the
 * scale, has its zero.
 */
public final class IntegerSearch implements IntegerFit {
  /** Scales tried before the first turn. */
  private static final int STARTS = 14;

  /** The finest scale tried, of that whose range ends at the weight furthest out. */
  private static final double[] FINEST = {0, 0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8};

  private static final int TURNS = 8;

  private final IntegerLevels levels;
  private final float[] sums = new float[2];
  private double bestGain;
  private double best;
  private int low;
  private float scale;

  public IntegerSearch(IntegerLevels levels) {
    this.levels = levels;
  }

  @Override
  public void fit(float[] w, int offset, int length, int row) {
    float min = 0;
    float max = 0;
    for (int i = offset; i < offset + length; i++) {
      min = Math.min(min, w[i]);
      max = Math.max(max, w[i]);
    }
    bestGain = -1;
    best = 0;
    low = levels.zeroPoints() ? 0 : -levels.zero();
    if (max > min) {
      double shrinking = Math.pow(FINEST[levels.bits()], 1.0 / (STARTS - 1));
      double part = 1;
      for (int start = 0; start < STARTS; start++, part *= shrinking) {
        if (levels.zeroPoints()) {
          double exact = part * ((double) max - min) / levels.top();
          int zero = Math.clamp(Math.round(-part * min / exact), 0, levels.top());
          attempt(w, offset, length, exact, -zero);
        } else {
          around(w, offset, length, part, min, max, -levels.zero());
          around(w, offset, length, part, min, max, levels.zero() - levels.top());
        }
      }
      turn(w, offset, length);
    }
    scale = levels.storedScale(best, low, row);
  }

  private void around(
      float[] w, int offset, int length, double part, float min, float max, int from) {
    double exact = Math.max(min / (double) from, max / (double) (from + levels.top()));
    attempt(w, offset, length, part * exact, from);
  }

  private void turn(float[] w, int offset, int length) {
    for (int turn = 0; turn < TURNS; turn++) {
      double before = bestGain;
      attempt(w, offset, length, best, low);
      if (!(bestGain > before)) {
        return;
      }
    }
  }

  private void attempt(float[] w, int offset, int length, double tried, int from) {
    float inverse = (float) (1 / tried);
    Simd.integerSums(w, offset, length, inverse, from, from + levels.top(), sums);
    if (!(sums[0] > 0)) {
      return;
    }
    double gain = (double) sums[0] * sums[0] / sums[1];
    if (gain > bestGain) {
      bestGain = gain;
      best = (double) sums[0] / sums[1];
      low = from;
    }
  }

  @Override
  public float scale() {
    return scale;
  }

  @Override
  public int low() {
    return low;
  }

  @Override
  public int high() {
    return low + levels.top();
  }
}
