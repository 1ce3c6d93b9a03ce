package io.tritmill.kernels.simd.limits;

import io.tritmill.kernels.simd.lanes.Species;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The limits of vector registers; twelve chains and an operand fit into sixteen of them.
 *
 * <p>A chain runs through the addend, which the compiler's multiply-add overwrites: through a
 * factor it copies registers as well, which measured 40 % of the limit at 256 bits.
 */
final class PanamaLimits implements LimitLoops {
  private static final VectorSpecies<Float> FLOATS = Species.FLOATS;
  private static final int LANES = Species.LANES;
  private static final int CHAINS = 12;
  private static final float FACTOR = 0.5f;
  private static final float FIRST = 1;
  private static final LimitLoops SCALAR = new ScalarLimits();

  @Override
  public int multiplyAddsInRound() {
    return CHAINS * LANES;
  }

  @Override
  public float multiplyAdd(int rounds) {
    FloatVector factor = FloatVector.broadcast(FLOATS, FACTOR);
    FloatVector s0 = FloatVector.broadcast(FLOATS, FIRST),
        s1 = s0.add(s0),
        s2 = s1.add(s0),
        s3 = s2.add(s0);
    FloatVector s4 = s3.add(s0), s5 = s4.add(s0), s6 = s5.add(s0), s7 = s6.add(s0);
    FloatVector s8 = s7.add(s0), s9 = s8.add(s0), s10 = s9.add(s0), s11 = s10.add(s0);
    for (int round = 0; round < rounds; round++) {
      s0 = factor.fma(factor, s0);
      s1 = factor.fma(factor, s1);
      s2 = factor.fma(factor, s2);
      s3 = factor.fma(factor, s3);
      s4 = factor.fma(factor, s4);
      s5 = factor.fma(factor, s5);
      s6 = factor.fma(factor, s6);
      s7 = factor.fma(factor, s7);
      s8 = factor.fma(factor, s8);
      s9 = factor.fma(factor, s9);
      s10 = factor.fma(factor, s10);
      s11 = factor.fma(factor, s11);
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
