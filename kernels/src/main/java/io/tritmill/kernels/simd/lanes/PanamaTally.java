package io.tritmill.kernels.simd.lanes;

import static jdk.incubator.vector.VectorOperators.GT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Counts and sums above thresholds, for lengths that are a multiple of 32. */
final class PanamaTally {
  private static final int LANES = Species.LANES;

  private PanamaTally() {}

  static void tally(
      float[] a,
      int offset,
      int length,
      float[] thresholds,
      int levels,
      int[] counts,
      float[] sums) {
    int level = 0;
    if (LANES == 16) {
      for (; level <= levels - 4; level += 4) {
        four(a, offset, length, thresholds, level, counts, sums);
      }
    }
    for (; level < levels; level++) {
      one(a, offset, length, thresholds, level, counts, sums);
    }
  }

  /**
   * Four thresholds in one pass; registers of 16 lanes only.
   *
   * <p>One block of 32 an iteration: when the loop is unrolled further, masks spill.
   */
  private static void four(
      float[] a,
      int offset,
      int length,
      float[] thresholds,
      int level,
      int[] counts,
      float[] sums) {
    FloatVector t0 = FloatVector.broadcast(Species.FLOATS, thresholds[level]);
    FloatVector t1 = FloatVector.broadcast(Species.FLOATS, thresholds[level + 1]);
    FloatVector t2 = FloatVector.broadcast(Species.FLOATS, thresholds[level + 2]);
    FloatVector t3 = FloatVector.broadcast(Species.FLOATS, thresholds[level + 3]);
    FloatVector low0 = FloatVector.zero(Species.FLOATS), low1 = low0, low2 = low0, low3 = low0;
    FloatVector high0 = low0, high1 = low0, high2 = low0, high3 = low0;
    int count0 = 0, count1 = 0, count2 = 0, count3 = 0;
    for (int i = offset; i < offset + length; i += ScalarOps.LANES) {
      FloatVector value = magnitude(a, i);
      VectorMask<Float> above0 = value.compare(GT, t0);
      VectorMask<Float> above1 = value.compare(GT, t1);
      VectorMask<Float> above2 = value.compare(GT, t2);
      VectorMask<Float> above3 = value.compare(GT, t3);
      low0 = low0.add(value, above0);
      count0 += above0.trueCount();
      low1 = low1.add(value, above1);
      count1 += above1.trueCount();
      low2 = low2.add(value, above2);
      count2 += above2.trueCount();
      low3 = low3.add(value, above3);
      count3 += above3.trueCount();
      value = magnitude(a, i + LANES);
      above0 = value.compare(GT, t0);
      above1 = value.compare(GT, t1);
      above2 = value.compare(GT, t2);
      above3 = value.compare(GT, t3);
      high0 = high0.add(value, above0);
      count0 += above0.trueCount();
      high1 = high1.add(value, above1);
      count1 += above1.trueCount();
      high2 = high2.add(value, above2);
      count2 += above2.trueCount();
      high3 = high3.add(value, above3);
      count3 += above3.trueCount();
    }
    counts[level] = count0;
    counts[level + 1] = count1;
    counts[level + 2] = count2;
    counts[level + 3] = count3;
    Species.trees(low0.add(high0), low1.add(high1), low2.add(high2), low3.add(high3), sums, level);
  }

  private static void one(
      float[] a,
      int offset,
      int length,
      float[] thresholds,
      int level,
      int[] counts,
      float[] sums) {
    FloatVector t = FloatVector.broadcast(Species.FLOATS, thresholds[level]);
    FloatVector s0 = FloatVector.zero(Species.FLOATS), s1 = s0, s2 = s0, s3 = s0;
    FloatVector s4 = s0, s5 = s0, s6 = s0, s7 = s0;
    int count = 0;
    for (int i = offset; i < offset + length; i += ScalarOps.LANES) {
      FloatVector v0 = magnitude(a, i);
      FloatVector v1 = magnitude(a, i + LANES);
      VectorMask<Float> m0 = v0.compare(GT, t);
      VectorMask<Float> m1 = v1.compare(GT, t);
      s0 = s0.add(v0, m0);
      s1 = s1.add(v1, m1);
      count += m0.trueCount() + m1.trueCount();
      if (LANES <= 8) {
        v0 = magnitude(a, i + 2 * LANES);
        v1 = magnitude(a, i + 3 * LANES);
        m0 = v0.compare(GT, t);
        m1 = v1.compare(GT, t);
        s2 = s2.add(v0, m0);
        s3 = s3.add(v1, m1);
        count += m0.trueCount() + m1.trueCount();
      }
      if (LANES <= 4) {
        v0 = magnitude(a, i + 4 * LANES);
        v1 = magnitude(a, i + 5 * LANES);
        m0 = v0.compare(GT, t);
        m1 = v1.compare(GT, t);
        s4 = s4.add(v0, m0);
        s5 = s5.add(v1, m1);
        count += m0.trueCount() + m1.trueCount();
        v0 = magnitude(a, i + 6 * LANES);
        v1 = magnitude(a, i + 7 * LANES);
        m0 = v0.compare(GT, t);
        m1 = v1.compare(GT, t);
        s6 = s6.add(v0, m0);
        s7 = s7.add(v1, m1);
        count += m0.trueCount() + m1.trueCount();
      }
    }
    counts[level] = count;
    sums[level] = Species.tree(s0, s1, s2, s3, s4, s5, s6, s7);
  }

  private static FloatVector magnitude(float[] a, int at) {
    return FloatVector.fromArray(Species.FLOATS, a, at).abs();
  }
}
