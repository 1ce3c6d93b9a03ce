package io.tritmill.kernels.simd.product;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tritmill.kernels.parallel.Cores;
import io.tritmill.kernels.simd.ColumnProducts;
import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.simd.GemmUpdate;
import io.tritmill.kernels.tensor.Matrix;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;

/** Products that several cores compute have the bits of those that one computes. */
@Tag("slow")
class ProductPartsTest {
  @Property(tries = 25)
  void products(
      @ForAll @IntRange(min = 1, max = 600) int m,
      @ForAll @IntRange(min = 1, max = 600) int n,
      @ForAll @IntRange(min = 200, max = 500) int k,
      @ForAll @IntRange(max = 20) int more,
      @ForAll @IntRange(min = 2, max = 5) int cores) {
    float[] a = random(m * (k + more), 1);
    float[] rows = random(n * (k + more), 2);
    float[] columns = random(k * (n + more), 3);
    check(
        cores,
        () -> {
          float[] c = new float[m * (n + more)];
          Gemm.multiplyTransposed(m, n, k, a, 0, k + more, rows, 0, k + more, c, 0, n + more);
          return c;
        });
    check(
        cores,
        () -> {
          float[] c = new float[m * (n + more)];
          Gemm.multiply(m, n, k, a, 0, k + more, columns, 0, n + more, c, 0, n + more);
          return c;
        });
    check(
        cores,
        () -> {
          float[] c = new float[m * n];
          Gemm.multiplyTransposed(m, a, new Matrix(n, k, Arrays.copyOf(rows, n * k)), c);
          return c;
        });
    check(
        cores,
        () -> {
          float[] c = random(m * (n + more), 4);
          GemmUpdate.subtractTransposed(m, n, k, a, 0, k + more, rows, 0, k + more, c, 0, n + more);
          return c;
        });
    check(
        cores,
        () -> {
          float[] c = random(m * (n + more), 4);
          GemmUpdate.subtract(m, n, k, a, 0, k + more, columns, 0, n + more, c, 0, n + more);
          return c;
        });
  }

  @Property(tries = 25)
  void squares(
      @ForAll @IntRange(min = 1, max = 900) int n,
      @ForAll @IntRange(min = 1, max = 400) int k,
      @ForAll @IntRange(max = 20) int more,
      @ForAll @IntRange(min = 2, max = 5) int cores) {
    float[] a = random(n * (k + more), 5);
    check(
        cores,
        () -> {
          float[] c = random(n * (n + more), 6);
          GemmUpdate.subtractSquare(n, k, a, 0, k + more, c, 0, n + more);
          return c;
        });
    float[] x = random(600 * (n + more), 7);
    double[] alone = columnSquares(n, more, x);
    assertEquals(-1, Arrays.mismatch(alone, Cores.lend(cores, () -> columnSquares(n, more, x))));
  }

  /** The upper half of x' x. */
  private static double[] columnSquares(int n, int more, float[] x) {
    double[][] strips = new double[ColumnProducts.strips(n)][];
    for (int s = 0; s < strips.length; s++) {
      int width = ColumnProducts.stripColumns(n, s);
      strips[s] = new double[(s * ColumnProducts.STRIP + width) * width];
    }
    ColumnProducts.addSquare(600, n, x, 0, n + more, strips);
    double[] upper = new double[n * n];
    for (int j = 0; j < n; j++) {
      int s = j / ColumnProducts.STRIP;
      int width = ColumnProducts.stripColumns(n, s);
      for (int i = 0; i <= j; i++) {
        upper[i * n + j] = strips[s][i * width + j - s * ColumnProducts.STRIP];
      }
    }
    return upper;
  }

  private static void check(int cores, Supplier<float[]> product) {
    float[] alone = product.get();
    assertEquals(-1, Arrays.mismatch(alone, Cores.lend(cores, product)));
  }

  private static float[] random(int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] a = new float[length];
    for (int i = 0; i < length; i++) {
      a[i] = (float) random.nextGaussian();
    }
    return a;
  }
}
