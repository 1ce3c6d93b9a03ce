package io.tritmill.kernels.rate;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Weights that were quantized, packed or multiplied, 10^6 of them. */
@AuxCounters(AuxCounters.Type.OPERATIONS)
@State(Scope.Thread)
public class Weights {
  public double mweights;

  /** Counts the weights of one call. */
  public void add(long weights) {
    mweights += weights * 1e-6;
  }
}
