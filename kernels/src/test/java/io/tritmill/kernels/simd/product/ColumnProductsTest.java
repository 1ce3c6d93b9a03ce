package io.tritmill.kernels.simd.product;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tritmill.kernels.simd.ColumnProducts;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sums of column products against their definition: float chains that are added in double. */
class ColumnProductsTest {
  @ParameterizedTest
  @CsvSource({
    "1, 1, 0",
    "1, 5, 2",
    "2, 2, 0",
    "3, 13, 1",
    "5, 64, 0",
    "13, 127, 7",
    "16, 207, 0",
    "17, 256, 3",
    "511, 33, 0",
    "512, 40, 0",
    "513, 257, 1",
    "1025, 300, 0",
    "2000, 65, 5",
    "40, 702, 0",
    "0, 9, 0"
  })
  void squares(int rows, int columns, int more) {
    checkSquare(rows, columns, more);
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "7, 300, 5", "390, 13, 513", "800, 61, 127", "64, 257, 256", "0, 3, 4"})
  void products(int rows, int xColumns, int yColumns) {
    checkProduct(rows, xColumns, yColumns, 0);
    checkProduct(rows, xColumns, yColumns, 3);
  }

  @Property(tries = 60)
  void anyShape(
      @ForAll @IntRange(max = 500) int rows,
      @ForAll @IntRange(min = 1, max = 300) int xColumns,
      @ForAll @IntRange(min = 1, max = 300) int yColumns,
      @ForAll @IntRange(max = 20) int more) {
    checkSquare(rows, xColumns, more);
    checkProduct(rows, xColumns, yColumns, more);
  }

  @Test
  void nanAndInfinityStayInTheirColumns() {
    int columns = 70;
    float[] x = random(50 * columns, 1);
    x[7 * columns + 3] = Float.NaN;
    x[9 * columns + 60] = Float.NEGATIVE_INFINITY;
    double[][] c = zeros(columns, columns);
    ColumnProducts.addSquare(50, columns, x, 0, columns, c);
    for (int i = 0; i < columns; i++) {
      for (int j = i; j < columns; j++) {
        double element = element(c, columns, i, j);
        assertEquals(i == 3 || j == 3, Double.isNaN(element));
        assertEquals((i == 60 || j == 60) && i != 3, Double.isInfinite(element));
      }
    }
  }

  @Test
  void rangesAreChecked() {
    float[] six = new float[6];
    double[][] c = zeros(3, 3);
    assertThrows(
        IndexOutOfBoundsException.class, () -> ColumnProducts.addSquare(2, 3, six, 1, 3, c));
    assertThrows(
        IllegalArgumentException.class, () -> ColumnProducts.addSquare(2, 3, six, 0, 2, c));
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> ColumnProducts.addSquare(1, 3, six, 0, 3, new double[][] {new double[8]}));
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> ColumnProducts.addProduct(2, 2, six, 0, 2, 3, six, 1, 3, c));
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> ColumnProducts.addProduct(1, 4, six, 0, 4, 3, six, 0, 3, c));
  }

  private static void checkSquare(int rows, int columns, int more) {
    int stride = columns + more;
    float[] x = random(more + rows * stride, 5);
    double[][] c = ones(columns, columns);
    ColumnProducts.addSquare(rows, columns, x, more, stride, c);
    for (int i = 0; i < columns; i++) {
      for (int j = i; j < columns; j++) {
        double expected = define(rows, x, more + i, stride, x, more + j, stride);
        assertEquals(expected, element(c, columns, i, j));
      }
    }
  }

  private static void checkProduct(int rows, int xColumns, int yColumns, int more) {
    int xStride = xColumns + more;
    int yStride = yColumns + 2 * more;
    float[] x = random(more + rows * xStride, 6);
    float[] y = random(rows * yStride, 7);
    double[][] c = ones(xColumns, yColumns);
    ColumnProducts.addProduct(rows, xColumns, x, more, xStride, yColumns, y, 0, yStride, c);
    for (int i = 0; i < xColumns; i++) {
      for (int j = 0; j < yColumns; j++) {
        double expected = define(rows, x, more + i, xStride, y, j, yStride);
        assertEquals(expected, element(c, yColumns, i, j));
      }
    }
  }

  private static double define(
      int rows, float[] x, int xAt, int xStride, float[] y, int yAt, int yStride) {
    double sum = 1;
    for (int first = 0; first < rows; first += ColumnProducts.CHAIN) {
      float chain = 0;
      for (int p = first; p < Math.min(rows, first + ColumnProducts.CHAIN); p++) {
        chain = Math.fma(x[xAt + p * xStride], y[yAt + p * yStride], chain);
      }
      sum += chain;
    }
    return sum;
  }

  private static double element(double[][] c, int columns, int i, int j) {
    int s = j / ColumnProducts.STRIP;
    return c[s][i * ColumnProducts.stripColumns(columns, s) + j - s * ColumnProducts.STRIP];
  }

  private static double[][] zeros(int rows, int columns) {
    double[][] c = new double[ColumnProducts.strips(columns)][];
    for (int s = 0; s < c.length; s++) {
      c[s] = new double[rows * ColumnProducts.stripColumns(columns, s)];
    }
    return c;
  }

  private static double[][] ones(int rows, int columns) {
    double[][] c = zeros(rows, columns);
    for (double[] strip : c) {
      java.util.Arrays.fill(strip, 1);
    }
    return c;
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
