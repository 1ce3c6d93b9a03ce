package io.tritmill.kernels.simd;

import io.tritmill.kernels.simd.lanes.Implementation;
import io.tritmill.kernels.simd.lanes.LaneOps;
import java.util.Objects;

/**
 * The steps of a solver that goes through the columns of a weight matrix and has its rows side by
 * side in the lanes: checks ranges, then runs the fastest implementation there is.
 *
 * <p>A column is an array of lanes. Each lane is computed by itself, in float and in one order, so
 * that results depend neither on the machine nor on the lanes beside it.
 */
public final class LaneSteps {
  private static final LaneOps OPS = Implementation.LANE_OPS;

  private LaneSteps() {}

  /**
   * Subtracts multiples of other columns: {@code w[l] = fma(-factors[i], x[i * stride + l], w[l])}
   * for i from 0 to depth - 1.
   *
   * @param x (depth, lanes) from xAt on, rows stride apart
   */
  public static void subtractProducts(
      int lanes,
      int depth,
      float[] factors,
      int factorsAt,
      float[] x,
      int xAt,
      int stride,
      float[] w,
      int wAt) {
    Objects.checkFromIndexSize(factorsAt, depth, factors.length);
    Objects.checkFromIndexSize(wAt, lanes, w.length);
    if (depth > 0) {
      Objects.checkFromIndexSize(
          xAt, Math.addExact(Math.multiplyExact(depth - 1, stride), lanes), x.length);
      OPS.subtractProducts(lanes, depth, factors, factorsAt, x, xAt, stride, w, wAt);
    }
  }

  /**
   * The nearest multiple of the lane's scale between two integers; halves go to even ones.
   *
   * @param inverse what w is multiplied by instead of divided by scale; 0 where scale is 0
   * @param low smallest integer, not below -2^22
   * @param high largest integer, not above 2^22
   * @param gridAt where all four begin
   */
  public static void nearestInteger(
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
    Objects.checkFromIndexSize(wAt, lanes, w.length);
    Objects.checkFromIndexSize(at, lanes, into.length);
    int grid = Math.min(scale.length, inverse.length);
    Objects.checkFromIndexSize(gridAt, lanes, Math.min(grid, Math.min(low.length, high.length)));
    OPS.nearestInteger(lanes, w, wAt, scale, inverse, low, high, gridAt, into, at);
  }

  /**
   * The lane's level for the last threshold that |w| lies strictly above, with the sign of w; 0 if
   * it lies above none.
   *
   * @param thresholds (levels, lanes) from gridAt on, rows stride apart, ascending in every lane
   * @param values the level of each threshold, at the same places
   */
  public static void nearestLevel(
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
    Objects.checkFromIndexSize(wAt, lanes, w.length);
    Objects.checkFromIndexSize(at, lanes, into.length);
    if (levels > 0) {
      int length = Math.addExact(Math.multiplyExact(levels - 1, stride), lanes);
      Objects.checkFromIndexSize(gridAt, length, Math.min(thresholds.length, values.length));
    }
    OPS.nearestLevel(lanes, w, wAt, levels, thresholds, values, gridAt, stride, into, at);
  }

  /**
   * Where one coordinate of a quadratic has its minimum: {@code into[l] = q[l] + u[l] / (h +
   * damping[l])}.
   *
   * @param u half the negative derivative at q
   * @param h curvature, common to all lanes
   */
  public static void descentTarget(
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
    Objects.checkFromIndexSize(qAt, lanes, q.length);
    Objects.checkFromIndexSize(uAt, lanes, u.length);
    Objects.checkFromIndexSize(dampingAt, lanes, damping.length);
    Objects.checkFromIndexSize(at, lanes, into.length);
    OPS.descentTarget(lanes, q, qAt, u, uAt, h, damping, dampingAt, into, at);
  }

  /**
   * Replaces q by the candidate where that lies strictly nearer to the target.
   *
   * @param change the new q less the old one
   */
  public static void takeNearer(
      int lanes,
      float[] target,
      int targetAt,
      float[] candidate,
      int candidateAt,
      float[] q,
      int qAt,
      float[] change,
      int changeAt) {
    Objects.checkFromIndexSize(targetAt, lanes, target.length);
    Objects.checkFromIndexSize(candidateAt, lanes, candidate.length);
    Objects.checkFromIndexSize(qAt, lanes, q.length);
    Objects.checkFromIndexSize(changeAt, lanes, change.length);
    OPS.takeNearer(lanes, target, targetAt, candidate, candidateAt, q, qAt, change, changeAt);
  }
}
