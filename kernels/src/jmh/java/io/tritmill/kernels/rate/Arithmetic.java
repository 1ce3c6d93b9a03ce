package io.tritmill.kernels.rate;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Floating-point operations, 10^9 of them; a fused multiply-add is two. */
@AuxCounters(AuxCounters.Type.OPERATIONS)
@State(Scope.Thread)
public class Arithmetic {
  public double gflop;

  /** Counts the operations of one call. */
  public void add(long operations) {
    gflop += operations * 1e-9;
  }
}
