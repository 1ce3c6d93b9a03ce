package io.tritmill.kernels.linalg;

import io.tritmill.kernels.rate.Arithmetic;
import io.tritmill.kernels.rate.RandomValues;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** X'X of one chunk of tokens; the upper half is computed, and counted, once. */
@State(Scope.Thread)
public class GramBenchmark {
  private static final int TOKENS = 2048;

  @Param({"512", "702", "2048", "4096"})
  int columns;

  GramAccumulator accumulator;
  float[] x;
  float[] weights;

  @Setup
  public void fill() {
    accumulator = new GramAccumulator(columns);
    x = RandomValues.weights(TOKENS * columns);
    weights = new float[TOKENS];
    for (int i = 0; i < TOKENS; i++) {
      weights[i] = 1 + i % 3;
    }
  }

  @Benchmark
  public GramAccumulator add(Arithmetic counted) {
    accumulator.add(TOKENS, x);
    counted.add((long) TOKENS * columns * (columns + 1));
    return accumulator;
  }

  @Benchmark
  public GramAccumulator addWeighted(Arithmetic counted) {
    accumulator.add(TOKENS, x, weights);
    counted.add((long) TOKENS * columns * (columns + 1));
    return accumulator;
  }
}
