package io.tritmill.kernels.simd.limits;

import io.tritmill.kernels.simd.lanes.Implementation;

/** The loops that suit this machine, chosen once as {@link Implementation}. */
public final class LimitChoice {
  public static final LimitLoops LOOPS =
      Implementation.VECTORS ? Vectors.loops() : new ScalarLimits();

  private LimitChoice() {}

  /** Stands between {@link LimitChoice} and the classes that cannot be linked everywhere. */
  private static final class Vectors {
    static LimitLoops loops() {
      return new PanamaLimits();
    }
  }
}
