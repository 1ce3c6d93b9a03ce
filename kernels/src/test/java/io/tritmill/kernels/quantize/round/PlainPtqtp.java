package io.tritmill.kernels.quantize.round;

import io.tritmill.kernels.code.StoredScale;

/**
 * PTQTP as it is written down, in doubles and with every candidate tried for every weight: what the
 * fast form is compared with.
 */
final class PlainPtqtp {
  private static final byte[][] TWO = {
    {0, 0}, {0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {1, -1}, {-1, 1}, {-1, -1}
  };

  /** Codes of the weights, one of {@link #TWO} each. */
  final byte[][] codes;

  /** Two scales as stored, the larger first. */
  final double[] scales = new double[2];

  double squaredError;

  PlainPtqtp(float[] w, int rounds) {
    codes = new byte[w.length][];
    for (int i = 0; i < w.length; i++) {
      byte sign = (byte) Math.signum(w[i]);
      codes[i] = new byte[] {sign, sign};
    }
    for (int round = 0; round < rounds; round++) {
      solve(w);
      if (!choose(w)) {
        break;
      }
    }
    solve(w);
    double x = StoredScale.of(Math.abs(scales[0]), 0);
    double y = StoredScale.of(Math.abs(scales[1]), 0);
    scales[0] = Math.max(x, y);
    scales[1] = Math.min(x, y);
    choose(w);
    for (int i = 0; i < w.length; i++) {
      double error = w[i] - scales[0] * codes[i][0] - scales[1] * codes[i][1];
      squaredError += error * error;
    }
  }

  private void solve(float[] w) {
    for (double lambda = 1e-8; ; lambda *= 10) {
      double a11 = lambda;
      double a12 = 0;
      double a22 = lambda;
      double b1 = 0;
      double b2 = 0;
      for (int i = 0; i < w.length; i++) {
        a11 += codes[i][0] * codes[i][0];
        a12 += codes[i][0] * codes[i][1];
        a22 += codes[i][1] * codes[i][1];
        b1 += codes[i][0] * (double) w[i];
        b2 += codes[i][1] * (double) w[i];
      }
      double determinant = a11 * a22 - a12 * a12;
      double condition = (a11 * a11 + a22 * a22 + 2 * a12 * a12) / Math.abs(determinant);
      if (condition <= 1e6 || lambda >= 1) {
        scales[0] = (a22 * b1 - a12 * b2) / determinant;
        scales[1] = (a11 * b2 - a12 * b1) / determinant;
        return;
      }
    }
  }

  /** Takes the nearest candidate for each weight; says whether a code changed. */
  private boolean choose(float[] w) {
    boolean changed = false;
    for (int i = 0; i < w.length; i++) {
      byte[] best = null;
      double least = Double.POSITIVE_INFINITY;
      for (byte[] candidate : TWO) {
        // The level first: w - a + a is not w, and the zero level would lose its ties.
        double level = scales[0] * candidate[0] + scales[1] * candidate[1];
        double error = Math.abs(w[i] - level);
        if (error < least) {
          least = error;
          best = candidate;
        }
      }
      changed |= best[0] != codes[i][0] || best[1] != codes[i][1];
      codes[i] = best;
    }
    return changed;
  }
}
