package io.tritmill.kernels.simd.lanes;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * What a soft-max needs, in vector registers: the largest value and e^x, to the bits of plain
 * loops.
 */
final class PanamaExponential {
  private static final VectorSpecies<Float> FLOATS = Species.FLOATS;
  private static final int LANES = Species.LANES;

  private PanamaExponential() {}

  /** The order of comparisons decides nothing, so that any number of registers will do. */
  static float max(float[] a, int offset, int length) {
    FloatVector m0 = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    FloatVector m1 = m0, m2 = m0, m3 = m0;
    int i = 0;
    for (; i <= length - 4 * LANES; i += 4 * LANES) {
      int x = offset + i;
      m0 = m0.max(load(a, x));
      m1 = m1.max(load(a, x + LANES));
      m2 = m2.max(load(a, x + 2 * LANES));
      m3 = m3.max(load(a, x + 3 * LANES));
    }
    float max = m0.max(m1).max(m2.max(m3)).reduceLanes(VectorOperators.MAX);
    for (; i < length; i++) {
      max = Math.max(max, a[offset + i]);
    }
    return max;
  }

  /**
   * One method and one register at a time: the compiler gives up inlining behind some hundred
   * operations of vectors. For the same reason it must not become part of its caller, for which it
   * is too long (350 bytes of code where 325 may be inlined).
   */
  static void exp(float[] a, int offset, int length, float shift, float scale) {
    FloatVector lowest = broadcast(ScalarExponential.LOWEST);
    FloatVector highest = broadcast(ScalarExponential.HIGHEST);
    FloatVector inverse = broadcast(ScalarExponential.INVERSE_LN2);
    FloatVector round = broadcast(ScalarExponential.ROUND);
    FloatVector high = broadcast(-ScalarExponential.LN2_HIGH);
    FloatVector low = broadcast(-ScalarExponential.LN2_LOW);
    FloatVector exponent = broadcast(ScalarExponential.EXPONENT);
    FloatVector c7 = broadcast(1f / 5040);
    FloatVector c6 = broadcast(1f / 720);
    FloatVector c5 = broadcast(1f / 120);
    FloatVector c4 = broadcast(1f / 24);
    FloatVector c3 = broadcast(1f / 6);
    FloatVector c2 = broadcast(0.5f);
    FloatVector one = broadcast(1);
    FloatVector shifts = broadcast(shift);
    FloatVector scales = broadcast(scale);
    int i = 0;
    for (; i <= length - LANES; i += LANES) {
      FloatVector x = load(a, offset + i).sub(shifts).mul(scales);
      // By comparisons, which leave NaN alone and cost less than minimum and maximum.
      x = x.blend(lowest, x.lt(lowest));
      x = x.blend(highest, highest.lt(x));
      FloatVector k = x.fma(inverse, round).sub(round);
      FloatVector r = k.fma(low, k.fma(high, x));
      FloatVector sum = c7.fma(r, c6).fma(r, c5).fma(r, c4).fma(r, c3).fma(r, c2);
      FloatVector fraction = sum.fma(r.mul(r), r).add(one);
      IntVector power = k.add(exponent).reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
      fraction.mul(power.reinterpretAsFloats()).intoArray(a, offset + i);
    }
    for (; i < length; i++) {
      a[offset + i] = ScalarExponential.exp((a[offset + i] - shift) * scale);
    }
  }

  private static FloatVector broadcast(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }

  private static FloatVector load(float[] a, int at) {
    return FloatVector.fromArray(FLOATS, a, at);
  }
}
