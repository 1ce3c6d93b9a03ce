package io.tritmill.kernels.rate;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Bytes that a call must read and write at least, 10^9 of them. */
@AuxCounters(AuxCounters.Type.OPERATIONS)
@State(Scope.Thread)
public class Traffic {
  public double gbytes;

  /** Counts the bytes of one call. */
  public void add(long bytes) {
    gbytes += bytes * 1e-9;
  }
}
