package io.tritmill.kernels.simd.lanes;

/** The definition of {@link LaneOps}: plain loops. */
final class ScalarLaneOps implements LaneOps {
  /** Adding and subtracting it rounds what is smaller than 2^22 to an integer, halves to even. */
  static final float ROUNDER = 0x1.8p23f;

  @Override
  public void subtractProducts(
      int lanes,
      int depth,
      float[] factors,
      int factorsAt,
      float[] x,
      int xAt,
      int stride,
      float[] w,
      int wAt) {
    for (int i = 0; i < depth; i++) {
      float factor = -factors[factorsAt + i];
      for (int l = 0; l < lanes; l++) {
        w[wAt + l] = Math.fma(factor, x[xAt + i * stride + l], w[wAt + l]);
      }
    }
  }

  @Override
  public void nearestInteger(
      int lanes,
      float[] w,
      int wAt,
      float[] scale,
      float[] inverse,
      float[] low,
      float[] high,
      int gridAt,
      float[] into,
      int at) {
    for (int l = 0; l < lanes; l++) {
      int g = gridAt + l;
      float inside = Math.min(Math.max(w[wAt + l] * inverse[g], low[g]), high[g]);
      into[at + l] = scale[g] * ((inside + ROUNDER) - ROUNDER);
    }
  }

  @Override
  public void nearestLevel(
      int lanes,
      float[] w,
      int wAt,
      int levels,
      float[] thresholds,
      float[] values,
      int gridAt,
      int stride,
      float[] into,
      int at) {
    for (int l = 0; l < lanes; l++) {
      float value = w[wAt + l];
      float level = 0;
      for (int k = 0; k < levels; k++) {
        int g = gridAt + k * stride + l;
        level = Math.abs(value) > thresholds[g] ? values[g] : level;
      }
      into[at + l] = value < 0 ? -level : level;
    }
  }

  @Override
  public void descentTarget(
      int lanes,
      float[] q,
      int qAt,
      float[] u,
      int uAt,
      float h,
      float[] damping,
      int dampingAt,
      float[] into,
      int at) {
    for (int l = 0; l < lanes; l++) {
      into[at + l] = q[qAt + l] + u[uAt + l] / (h + damping[dampingAt + l]);
    }
  }

  @Override
  public void takeNearer(
      int lanes,
      float[] target,
      int targetAt,
      float[] candidate,
      int candidateAt,
      float[] q,
      int qAt,
      float[] change,
      int changeAt) {
    for (int l = 0; l < lanes; l++) {
      float goal = target[targetAt + l];
      float old = q[qAt + l];
      float other = candidate[candidateAt + l];
      float taken = Math.abs(goal - other) < Math.abs(goal - old) ? other : old;
      q[qAt + l] = taken;
      change[changeAt + l] = taken - old;
    }
  }
}
