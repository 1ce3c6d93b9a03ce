package io.tritmill.kernels.simd.lanes;

/**
 * The loops of {@code LaneSteps}, one sentence each; {@link ScalarLaneOps} defines their bits.
 *
 * <p>Every lane is computed by itself, so that registers of any width give the same bits.
 */
public interface LaneOps {
  /** {@code w[l] = fma(-factors[i], x[i * stride + l], w[l])} for ascending i. */
  void subtractProducts(
      int lanes,
      int depth,
      float[] factors,
      int factorsAt,
      float[] x,
      int xAt,
      int stride,
      float[] w,
      int wAt);

  /** {@code into[l] = scale[l] * rint(min(max(w[l] * inverse[l], low[l]), high[l]))}. */
  void nearestInteger(
      int lanes,
      float[] w,
      int wAt,
      float[] scale,
      float[] inverse,
      float[] low,
      float[] high,
      int gridAt,
      float[] into,
      int at);

  /**
   * The last level whose threshold |w[l]| lies strictly above, or 0, with the sign of w[l];
   * threshold and level k of a lane lie k times {@code stride} after those of number 0.
   */
  void nearestLevel(
      int lanes,
      float[] w,
      int wAt,
      int levels,
      float[] thresholds,
      float[] values,
      int gridAt,
      int stride,
      float[] into,
      int at);

  /** {@code into[l] = q[l] + u[l] / (h + damping[l])}. */
  void descentTarget(
      int lanes,
      float[] q,
      int qAt,
      float[] u,
      int uAt,
      float h,
      float[] damping,
      int dampingAt,
      float[] into,
      int at);

  /**
   * Where {@code candidate[l]} lies strictly nearer to {@code target[l]} than {@code q[l]}, it
   * replaces {@code q[l]}; {@code change[l]} is the new value less the old one.
   */
  void takeNearer(
      int lanes,
      float[] target,
      int targetAt,
      float[] candidate,
      int candidateAt,
      float[] q,
      int qAt,
      float[] change,
      int changeAt);
}
