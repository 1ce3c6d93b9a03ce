package io.tritmill.kernels.peer;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.tritmill.kernels.linalg.Cholesky;
import io.tritmill.kernels.linalg.GramAccumulator;
import io.tritmill.kernels.rate.Arithmetic;
import io.tritmill.kernels.rate.RandomValues;
import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.tensor.Matrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Dense linear algebra here and in OpenBLAS, in one run. */
public class BlasPeerBenchmark {
  private static MemorySegment copy(float[] values) {
    MemorySegment copy = Arena.ofAuto().allocate(4L * values.length, 64);
    copy.copyFrom(MemorySegment.ofArray(values));
    return copy;
  }

  private static void requireEqual(float[] ours, MemorySegment theirs, float scale) {
    for (int i = 0; i < ours.length; i += 97) {
      float other = theirs.getAtIndex(JAVA_FLOAT, i);
      if (!(Math.abs(ours[i] - other) <= 1e-4f * scale)) {
        throw new IllegalStateException(
            "Element %d is %s here and %s in OpenBLAS".formatted(i, ours[i], other));
      }
    }
  }

  /** a and b of n x n. */
  @State(Scope.Thread)
  public static class Product {
    @Param({"256", "512", "702", "1000", "1024", "2048", "4096"})
    int n;

    float[] a;
    float[] b;
    float[] c;
    MemorySegment theirA;
    MemorySegment theirB;
    MemorySegment theirC;

    @Setup
    public void fill() throws Throwable {
      a = RandomValues.weights(n * n);
      b = RandomValues.weights(n * n);
      c = new float[n * n];
      theirA = copy(a);
      theirB = copy(b);
      theirC = copy(c);
      Gemm.multiplyTransposed(n, n, n, a, 0, n, b, 0, n, c, 0, n);
      OpenBlas.multiplyTransposed(n, theirA, theirB, theirC);
      requireEqual(c, theirC, n * a[0] * a[0] + n * 1e-3f);
    }
  }

  /** A chunk of 2048 tokens. */
  @State(Scope.Thread)
  public static class Gram {
    private static final int TOKENS = 2048;

    @Param({"512", "702", "2048", "4096"})
    int columns;

    GramAccumulator accumulator;
    float[] x;
    MemorySegment theirX;
    MemorySegment theirGram;

    @Setup
    public void fill() {
      accumulator = new GramAccumulator(columns);
      x = RandomValues.weights(TOKENS * columns);
      theirX = copy(x);
      theirGram = Arena.ofAuto().allocate(4L * columns * columns, 64);
    }
  }

  /** A symmetric matrix whose diagonal dominates: as definite as a damped Hessian. */
  @State(Scope.Thread)
  public static class Definite {
    @Param({"1024", "4096"})
    int n;

    float[] h;
    float[] memory;
    MemorySegment theirH;
    MemorySegment theirMemory;

    @Setup
    public void fill() {
      float[] values = RandomValues.weights(n * n);
      h = new float[n * n];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          h[i * n + j] = values[Math.min(i, j) * n + Math.max(i, j)];
        }
        h[i * n + i] = 0.1f * n;
      }
      memory = new float[n * n];
      theirH = copy(h);
      theirMemory = copy(memory);
    }
  }

  @Benchmark
  public float[] product(Product s, Arithmetic counted) {
    Gemm.multiplyTransposed(s.n, s.n, s.n, s.a, 0, s.n, s.b, 0, s.n, s.c, 0, s.n);
    counted.add(2L * s.n * s.n * s.n);
    return s.c;
  }

  @Benchmark
  public void productInOpenBlas(Product s, Arithmetic counted) throws Throwable {
    OpenBlas.multiplyTransposed(s.n, s.theirA, s.theirB, s.theirC);
    counted.add(2L * s.n * s.n * s.n);
  }

  /** One token: the first row of a. */
  @Benchmark
  public float[] oneRow(Product s, Arithmetic counted) {
    Gemm.multiplyTransposed(1, s.n, s.n, s.a, 0, s.n, s.b, 0, s.n, s.c, 0, s.n);
    counted.add(2L * s.n * s.n);
    return s.c;
  }

  @Benchmark
  public void oneRowInOpenBlas(Product s, Arithmetic counted) throws Throwable {
    OpenBlas.multiplyVector(s.n, s.theirB, s.theirA, s.theirC);
    counted.add(2L * s.n * s.n);
  }

  /** The upper half, counted once. */
  @Benchmark
  public GramAccumulator gram(Gram s, Arithmetic counted) {
    s.accumulator.add(Gram.TOKENS, s.x);
    counted.add((long) Gram.TOKENS * s.columns * (s.columns + 1));
    return s.accumulator;
  }

  @Benchmark
  public void gramInOpenBlas(Gram s, Arithmetic counted) throws Throwable {
    OpenBlas.addGram(s.columns, Gram.TOKENS, s.theirX, s.theirGram);
    counted.add((long) Gram.TOKENS * s.columns * (s.columns + 1));
  }

  @Benchmark
  public Matrix inverseFactor(Definite s, Arithmetic counted) {
    System.arraycopy(s.h, 0, s.memory, 0, s.h.length);
    counted.add((long) s.n * s.n * s.n / 3 * 2);
    return Cholesky.factor(new Matrix(s.n, s.n, s.memory), 0).takeInverseFactor();
  }

  @Benchmark
  public void inverseFactorInOpenBlas(Definite s, Arithmetic counted) throws Throwable {
    s.theirMemory.copyFrom(s.theirH);
    counted.add((long) s.n * s.n * s.n / 3 * 2);
    OpenBlas.inverseFactor(s.n, s.theirMemory);
  }
}
