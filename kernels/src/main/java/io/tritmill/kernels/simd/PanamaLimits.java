package io.tritmill.kernels.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The limits of vector registers; twelve chains and two operands fit into sixteen of them. */
final class PanamaLimits implements LimitLoops {
  private static final VectorSpecies<Float> FLOATS = Species.FLOATS;
  private static final int LANES = Species.LANES;
  private static final int CHAINS = 12;
  private static final float FACTOR = 0.5f;
  private static final float ADDEND = 1;
  private static final LimitLoops SCALAR = new ScalarLimits();

  @Override
  public int multiplyAddsInRound() {
    return CHAINS * LANES;
  }

  @Override
  public float multiplyAdd(int rounds) {
    FloatVector factor = FloatVector.broadcast(FLOATS, FACTOR);
    FloatVector addend = FloatVector.broadcast(FLOATS, ADDEND);
    FloatVector s0 = addend, s1 = s0.add(s0), s2 = s1.add(s0), s3 = s2.add(s0);
    FloatVector s4 = s3.add(s0), s5 = s4.add(s0), s6 = s5.add(s0), s7 = s6.add(s0);
    FloatVector s8 = s7.add(s0), s9 = s8.add(s0), s10 = s9.add(s0), s11 = s10.add(s0);
    for (int round = 0; round < rounds; round++) {
      s0 = s0.fma(factor, addend);
      s1 = s1.fma(factor, addend);
      s2 = s2.fma(factor, addend);
      s3 = s3.fma(factor, addend);
      s4 = s4.fma(factor, addend);
      s5 = s5.fma(factor, addend);
      s6 = s6.fma(factor, addend);
      s7 = s7.fma(factor, addend);
      s8 = s8.fma(factor, addend);
      s9 = s9.fma(factor, addend);
      s10 = s10.fma(factor, addend);
      s11 = s11.fma(factor, addend);
    }
    FloatVector low = s0.add(s1).add(s2).add(s3).add(s4).add(s5);
    return Species.tree(low.add(s6).add(s7).add(s8).add(s9).add(s10).add(s11));
  }

  /** Reads four streams side by side, which caches and memory serve faster than one. */
  @Override
  public float read(float[] a, int offset, int length) {
    FloatVector s0 = FloatVector.zero(FLOATS), s1 = s0, s2 = s0, s3 = s0;
    FloatVector s4 = s0, s5 = s0, s6 = s0, s7 = s0;
    int stream = length / 4 - length / 4 % (2 * LANES);
    for (int i = 0; i < stream; i += 2 * LANES) {
      int first = offset + i;
      int second = first + stream;
      int third = second + stream;
      int fourth = third + stream;
      s0 = s0.add(load(a, first));
      s1 = s1.add(load(a, first + LANES));
      s2 = s2.add(load(a, second));
      s3 = s3.add(load(a, second + LANES));
      s4 = s4.add(load(a, third));
      s5 = s5.add(load(a, third + LANES));
      s6 = s6.add(load(a, fourth));
      s7 = s7.add(load(a, fourth + LANES));
    }
    float sum = Species.tree(s0.add(s1).add(s2).add(s3).add(s4.add(s5).add(s6).add(s7)));
    return sum + SCALAR.read(a, offset + 4 * stream, length - 4 * stream);
  }

  private static FloatVector load(float[] a, int at) {
    return FloatVector.fromArray(FLOATS, a, at);
  }
}
