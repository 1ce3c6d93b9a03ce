package io.tritmill.kernels.simd;

import io.tritmill.kernels.rate.Arithmetic;
import io.tritmill.kernels.rate.RandomValues;
import io.tritmill.kernels.rate.Traffic;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Matrix products of all shapes; powers of two, their neighbours and odd sizes. */
public class GemmBenchmark {
  /** All three sides alike. */
  @State(Scope.Thread)
  public static class Square {
    @Param({"256", "257", "384", "512", "702", "1000", "1024", "1536", "2048"})
    int n;

    float[] a;
    float[] b;
    float[] c;

    @Setup
    public void fill() {
      a = RandomValues.weights(n * n);
      b = RandomValues.weights(n * n);
      c = new float[n * n];
    }
  }

  /** The narrow products of attention and of short depth. */
  @State(Scope.Thread)
  public static class Depth {
    @Param({"16", "64", "128", "4096"})
    int k;

    static final int N = 512;

    float[] a;
    float[] b;
    float[] c;

    @Setup
    public void fill() {
      a = RandomValues.weights(N * k);
      b = RandomValues.weights(N * k);
      c = new float[N * N];
    }
  }

  /** A few tokens against a weight. */
  @State(Scope.Thread)
  public static class Few {
    @Param({"1", "2", "8", "13"})
    int m;

    static final int N = 4096;

    float[] a;
    float[] b;
    float[] c;

    @Setup
    public void fill() {
      a = RandomValues.weights(m * N);
      b = RandomValues.weights(N * N);
      c = new float[m * N];
    }
  }

  /** c = a b'. */
  @Benchmark
  public float[] transposed(Square s, Arithmetic counted) {
    int n = s.n;
    Gemm.multiplyTransposed(n, n, n, s.a, 0, n, s.b, 0, n, s.c, 0, n);
    counted.add(2L * n * n * n);
    return s.c;
  }

  /** c = a b. */
  @Benchmark
  public float[] plain(Square s, Arithmetic counted) {
    int n = s.n;
    Gemm.multiply(n, n, n, s.a, 0, n, s.b, 0, n, s.c, 0, n);
    counted.add(2L * n * n * n);
    return s.c;
  }

  /** c = a b', 512 x 512 of depth k. */
  @Benchmark
  public float[] depth(Depth s, Arithmetic counted) {
    int n = Depth.N;
    Gemm.multiplyTransposed(n, n, s.k, s.a, 0, s.k, s.b, 0, s.k, s.c, 0, n);
    counted.add(2L * n * n * s.k);
    return s.c;
  }

  /** c = a b' with m rows, bound by reading b. */
  @Benchmark
  public float[] few(Few s, Arithmetic counted, Traffic traffic) {
    int n = Few.N;
    Gemm.multiplyTransposed(s.m, n, n, s.a, 0, n, s.b, 0, n, s.c, 0, n);
    counted.add(2L * s.m * n * n);
    traffic.add(4L * n * n);
    return s.c;
  }
}
