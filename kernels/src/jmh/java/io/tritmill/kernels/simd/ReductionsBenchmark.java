package io.tritmill.kernels.simd;

import io.tritmill.kernels.rate.RandomValues;
import io.tritmill.kernels.rate.Traffic;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Sums over one or two arrays; the length is of a row, and of a matrix that lies in memory. */
@State(Scope.Thread)
public class ReductionsBenchmark {
  @Param({"4096", "65536", "16777216"})
  int length;

  float[] a;
  float[] b;

  @Setup
  public void fill() {
    a = RandomValues.weights(length);
    b = a.clone();
  }

  @Benchmark
  public float dot(Traffic traffic) {
    traffic.add(8L * length);
    return Simd.dot(a, 0, b, 0, length);
  }

  @Benchmark
  public double sumOfAbs(Traffic traffic) {
    traffic.add(4L * length);
    return Simd.sumOfAbs(a, 0, length);
  }

  @Benchmark
  public double sumOfSquares(Traffic traffic) {
    traffic.add(4L * length);
    return Simd.sumOfSquares(a, 0, length);
  }

  @Benchmark
  public double squaredError(Traffic traffic) {
    traffic.add(8L * length);
    return Simd.squaredError(a, 0, b, 0, length);
  }

  @Benchmark
  public int firstNonFinite(Traffic traffic) {
    traffic.add(4L * length);
    return Simd.firstNonFinite(a, 0, length);
  }
}
