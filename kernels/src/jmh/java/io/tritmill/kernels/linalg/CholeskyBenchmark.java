package io.tritmill.kernels.linalg;

import io.tritmill.kernels.rate.Arithmetic;
import io.tritmill.kernels.rate.RandomValues;
import io.tritmill.kernels.tensor.Matrix;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The factor, and the factor of the inverse that GPTQ works with. */
@State(Scope.Thread)
public class CholeskyBenchmark {
  @Param({"512", "702", "1024", "2048", "4096"})
  int n;

  float[] h;
  float[] memory;

  @Setup
  public void fill() {
    // A symmetric matrix whose diagonal dominates: as definite as a damped Hessian.
    float[] values = RandomValues.weights(n * n);
    h = new float[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        h[i * n + j] = values[Math.min(i, j) * n + Math.max(i, j)];
      }
      h[i * n + i] = 0.1f * n;
    }
    memory = new float[n * n];
  }

  @Benchmark
  public Cholesky factor(Arithmetic counted) {
    counted.add((long) n * n * n / 3);
    return Cholesky.factor(copy(), 0);
  }

  @Benchmark
  public Matrix inverseFactor(Arithmetic counted) {
    counted.add((long) n * n * n / 3 * 2);
    return Cholesky.factor(copy(), 0).takeInverseFactor();
  }

  private Matrix copy() {
    System.arraycopy(h, 0, memory, 0, h.length);
    return new Matrix(n, n, memory);
  }
}
