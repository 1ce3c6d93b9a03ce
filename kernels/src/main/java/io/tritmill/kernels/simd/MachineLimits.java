package io.tritmill.kernels.simd;

import io.tritmill.kernels.simd.limits.LimitChoice;
import io.tritmill.kernels.simd.limits.LimitLoops;
import java.util.Objects;

/**
 * Loops that keep one limit of the machine busy and do nothing else; who times them knows what a
 * kernel can reach at most.
 *
 * <p>They run in the registers that the kernels run in. Their results mean nothing, but must be
 * used, or the compiler removes the loops.
 */
public final class MachineLimits {
  private static final LimitLoops LOOPS = LimitChoice.LOOPS;

  private MachineLimits() {}

  /** Fused multiply-adds of floats in one round of {@link #multiplyAdd}. */
  public static int multiplyAddsInRound() {
    return LOOPS.multiplyAddsInRound();
  }

  /** Multiplies and adds in registers alone, in more chains than the processor's latency needs. */
  public static float multiplyAdd(int rounds) {
    return LOOPS.multiplyAdd(rounds);
  }

  /** Reads each float once, as fast as they come. */
  public static float read(float[] a, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, a.length);
    return LOOPS.read(a, offset, length);
  }
}
