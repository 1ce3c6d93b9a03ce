package io.tritmill.kernels.simd.lanes;

import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The operations of {@link ScalarLaneOps} in vector registers, with the same bits. */
final class PanamaLaneOps implements LaneOps {
  private static final VectorSpecies<Float> FLOATS = Species.FLOATS;
  private static final int LANES = Species.LANES;
  private static final ScalarLaneOps SCALAR = new ScalarLaneOps();

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
    int l = 0;
    for (; l <= lanes - 4 * LANES; l += 4 * LANES) {
      FloatVector w0 = fromArray(FLOATS, w, wAt + l);
      FloatVector w1 = fromArray(FLOATS, w, wAt + l + LANES);
      FloatVector w2 = fromArray(FLOATS, w, wAt + l + 2 * LANES);
      FloatVector w3 = fromArray(FLOATS, w, wAt + l + 3 * LANES);
      for (int i = 0; i < depth; i++) {
        FloatVector factor = FloatVector.broadcast(FLOATS, -factors[factorsAt + i]);
        int from = xAt + i * stride + l;
        w0 = factor.fma(fromArray(FLOATS, x, from), w0);
        w1 = factor.fma(fromArray(FLOATS, x, from + LANES), w1);
        w2 = factor.fma(fromArray(FLOATS, x, from + 2 * LANES), w2);
        w3 = factor.fma(fromArray(FLOATS, x, from + 3 * LANES), w3);
      }
      w0.intoArray(w, wAt + l);
      w1.intoArray(w, wAt + l + LANES);
      w2.intoArray(w, wAt + l + 2 * LANES);
      w3.intoArray(w, wAt + l + 3 * LANES);
    }
    for (; l <= lanes - LANES; l += LANES) {
      FloatVector sum = fromArray(FLOATS, w, wAt + l);
      for (int i = 0; i < depth; i++) {
        FloatVector factor = FloatVector.broadcast(FLOATS, -factors[factorsAt + i]);
        sum = factor.fma(fromArray(FLOATS, x, xAt + i * stride + l), sum);
      }
      sum.intoArray(w, wAt + l);
    }
    SCALAR.subtractProducts(lanes - l, depth, factors, factorsAt, x, xAt + l, stride, w, wAt + l);
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
    int l = 0;
    for (; l <= lanes - LANES; l += LANES) {
      int g = gridAt + l;
      fromArray(FLOATS, w, wAt + l)
          .mul(fromArray(FLOATS, inverse, g))
          .max(fromArray(FLOATS, low, g))
          .min(fromArray(FLOATS, high, g))
          .add(ScalarLaneOps.ROUNDER)
          .sub(ScalarLaneOps.ROUNDER)
          .mul(fromArray(FLOATS, scale, g))
          .intoArray(into, at + l);
    }
    SCALAR.nearestInteger(
        lanes - l, w, wAt + l, scale, inverse, low, high, gridAt + l, into, at + l);
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
    int l = 0;
    for (; l <= lanes - LANES; l += LANES) {
      FloatVector value = fromArray(FLOATS, w, wAt + l);
      FloatVector magnitude = value.abs();
      FloatVector level = FloatVector.zero(FLOATS);
      for (int k = 0; k < levels; k++) {
        int g = gridAt + k * stride + l;
        level =
            level.blend(
                fromArray(FLOATS, values, g),
                magnitude.compare(VectorOperators.GT, fromArray(FLOATS, thresholds, g)));
      }
      level.blend(level.neg(), value.compare(VectorOperators.LT, 0)).intoArray(into, at + l);
    }
    SCALAR.nearestLevel(
        lanes - l, w, wAt + l, levels, thresholds, values, gridAt + l, stride, into, at + l);
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
    int l = 0;
    for (; l <= lanes - LANES; l += LANES) {
      FloatVector curvature = fromArray(FLOATS, damping, dampingAt + l).add(h);
      fromArray(FLOATS, q, qAt + l)
          .add(fromArray(FLOATS, u, uAt + l).div(curvature))
          .intoArray(into, at + l);
    }
    SCALAR.descentTarget(
        lanes - l, q, qAt + l, u, uAt + l, h, damping, dampingAt + l, into, at + l);
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
    int l = 0;
    for (; l <= lanes - LANES; l += LANES) {
      FloatVector goal = fromArray(FLOATS, target, targetAt + l);
      FloatVector old = fromArray(FLOATS, q, qAt + l);
      FloatVector other = fromArray(FLOATS, candidate, candidateAt + l);
      FloatVector taken =
          old.blend(other, goal.sub(other).abs().compare(VectorOperators.LT, goal.sub(old).abs()));
      taken.intoArray(q, qAt + l);
      taken.sub(old).intoArray(change, changeAt + l);
    }
    SCALAR.takeNearer(
        lanes - l,
        target,
        targetAt + l,
        candidate,
        candidateAt + l,
        q,
        qAt + l,
        change,
        changeAt + l);
  }
}
