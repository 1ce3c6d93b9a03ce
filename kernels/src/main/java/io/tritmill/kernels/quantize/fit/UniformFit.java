package io.tritmill.kernels.quantize.fit;

import io.tritmill.kernels.code.Grid;

/** The scale and the range of integers of least squared error, among ranges shrunk step by step. */
public final class UniformFit implements IntegerFit {
  private static final int STEPS = 31;
  private static final double SHRINKING = 0.02;

  /** Most that three tied planes hold. */
  private static final int MOST = 13;

  private final int codes;
  private final boolean symmetric;
  private float scale;
  private int low;
  private int high;

  public UniformFit(int bits, boolean symmetric) {
    codes = 1 << bits;
    this.symmetric = symmetric;
  }

  @Override
  public void fit(float[] w, int offset, int length, int row) {
    float min = 0;
    float max = 0;
    for (int i = offset; i < offset + length; i++) {
      min = Math.min(min, w[i]);
      max = Math.max(max, w[i]);
    }
    double best = Double.POSITIVE_INFINITY;
    float bestScale = 0;
    int bestLow = -codes / 2;
    for (int step = 0; step < STEPS && max > min; step++) {
      double part = 1 - step * SHRINKING;
      choose(part * min, part * max, row);
      double error = error(w, offset, length);
      if (error < best) {
        best = error;
        bestScale = scale;
        bestLow = low;
      }
    }
    scale = bestScale;
    low = bestLow;
    high = bestLow + codes - 1;
  }

  private void choose(double min, double max, int row) {
    double exact =
        symmetric ? Math.max(-min / (codes / 2), max / (codes / 2 - 1)) : (max - min) / (codes - 1);
    scale = Grid.half(exact, row);
    int zero = scale > 0 ? (int) Math.rint(-min / scale) : codes / 2;
    // Three planes do not hold all that a zero point at the end of 4 bits would ask for.
    low =
        symmetric
            ? -codes / 2
            : -Math.clamp(zero, Math.max(0, codes - 1 - MOST), Math.min(codes - 1, MOST));
    high = low + codes - 1;
  }

  private double error(float[] w, int offset, int length) {
    float inverse = scale > 0 ? 1 / scale : 0;
    double error = 0;
    for (int i = offset; i < offset + length; i++) {
      double difference = w[i] - scale * Math.rint(Math.clamp(w[i] * inverse, low, high));
      error += difference * difference;
    }
    return error;
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
    return high;
  }
}
