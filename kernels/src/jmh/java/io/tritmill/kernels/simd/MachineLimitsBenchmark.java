package io.tritmill.kernels.simd;

import io.tritmill.kernels.rate.Arithmetic;
import io.tritmill.kernels.rate.RandomValues;
import io.tritmill.kernels.rate.Traffic;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What the other benchmarks are compared with. */
public class MachineLimitsBenchmark {
  /** An array in the second cache, in the third, and beyond. */
  @State(Scope.Thread)
  public static class Array {
    @Param({"512", "11264", "262144"})
    int kilobytes;

    float[] a;

    @Setup
    public void fill() {
      a = RandomValues.weights(kilobytes * 256);
    }
  }

  @Benchmark
  public float multiplyAdd(Arithmetic counted) {
    counted.add(2L * 10_000 * MachineLimits.multiplyAddsInRound());
    return MachineLimits.multiplyAdd(10_000);
  }

  @Benchmark
  public float read(Array s, Traffic traffic) {
    traffic.add(4L * s.a.length);
    return MachineLimits.read(s.a, 0, s.a.length);
  }
}
