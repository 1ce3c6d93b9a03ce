package io.tritmill.kernels.linalg;

import io.tritmill.kernels.rate.RandomValues;
import io.tritmill.kernels.rate.Traffic;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Rotations of rows that stay in the second cache: powers of two, and widths of real models. */
@State(Scope.Thread)
public class HadamardBenchmark {
  private static final int ROWS = 16;

  @Param({"64", "128", "2048", "4096", "5632", "11008", "14336"})
  int width;

  Hadamard rotation;
  float[] x;

  @Setup
  public void fill() {
    rotation = Hadamard.of(width, 1);
    x = RandomValues.weights(ROWS * width);
  }

  /** There and back, so that rounding does not pile up. */
  @Benchmark
  public float[] applyAndInvert(Traffic traffic) {
    rotation.apply(ROWS, x, 0, width);
    rotation.invert(ROWS, x, 0, width);
    traffic.add(2 * 8L * ROWS * width);
    return x;
  }
}
