package io.tritmill.kernels.simd.product;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.EncodedRows;
import io.tritmill.kernels.tensor.Matrix;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products against their definition, one chain of fused multiply-adds for each element. */
class GemmTest {
  private static final float UNTOUCHED = 12345f;

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "1, 1, 5",
    "1, 33, 257",
    "2, 7, 16",
    "3, 32, 384",
    "4, 24, 385",
    "5, 48, 15",
    "7, 300, 17",
    "8, 31, 400",
    "11, 47, 64",
    "12, 32, 768",
    "13, 33, 769",
    "25, 257, 383",
    "64, 64, 64",
    "37, 530, 128",
    "128, 5, 1000",
    "100, 64, 0",
    "0, 5, 5",
    "5, 0, 5"
  })
  void shapes(int m, int n, int k) {
    check(m, n, k, 0, 0, 0, 0);
    check(m, n, k, 3, 1, 5, 2);
  }

  @ParameterizedTest
  @CsvSource({"13, 65, 100, 156", "9, 40, 512, 0", "16, 64, 128, 896"})
  void strides(int m, int n, int k, int more) {
    check(m, n, k, 7, more, more, more);
  }

  @Property(tries = 150)
  void anyShape(
      @ForAll @IntRange(max = 40) int m,
      @ForAll @IntRange(max = 90) int n,
      @ForAll @IntRange(max = 450) int k,
      @ForAll @IntRange(max = 9) int offset,
      @ForAll @IntRange(max = 40) int more) {
    check(m, n, k, offset, more, 2 * more, more / 2);
  }

  @Property(tries = 150)
  void anyBlocking(
      @ForAll boolean scalar,
      @ForAll @IntRange(min = 1, max = 60) int m,
      @ForAll @IntRange(min = 1, max = 150) int n,
      @ForAll @IntRange(min = 1, max = 450) int k,
      @ForAll @IntRange(min = 1, max = 9000) int room,
      @ForAll @IntRange(min = 1, max = 100) int band) {
    GemmTile tile = scalar ? new ScalarTile() : ProductChoice.TILE;
    GemmDriver driver = new GemmDriver(tile, room, 0, band);
    float[] a = random(m * k, 8);
    float[] b = random(k * n, 9);
    float[] c = new float[m * n];
    float[] expected = new float[m * n];
    driver.multiply(m, n, k, a, 0, k, b, 0, n, c, 0, n);
    define(m, n, k, a, 0, k, b, 1, n, expected, n);
    assertBits(expected, c);
    driver.multiplyTransposed(m, n, k, a, 0, k, b, 0, k, c, 0, n);
    define(m, n, k, a, 0, k, b, k, 1, expected, n);
    assertBits(expected, c);
    driver.multiplyTransposed(m, a, new Matrix(n, k, b), c, 0, n);
    assertBits(expected, c);
  }

  @Test
  void aRowDoesNotDependOnItsNeighbours() {
    int n = 70;
    int k = 500;
    float[] a = random(30 * k, 1);
    float[] b = random(n * k, 2);
    float[] all = new float[30 * n];
    Gemm.multiplyTransposed(30, n, k, a, 0, k, b, 0, k, all, 0, n);
    for (int row = 0; row < 30; row++) {
      float[] one = new float[n];
      Gemm.multiplyTransposed(1, n, k, a, row * k, k, b, 0, k, one, 0, n);
      assertBits(Arrays.copyOfRange(all, row * n, (row + 1) * n), one);
    }
  }

  @Test
  void infinitiesAndNanStayInTheirRowsAndColumns() {
    int size = 50;
    float[] a = random(size * size, 1);
    float[] b = random(size * size, 2);
    a[7 * size + 3] = Float.NaN;
    b[49 * size] = Float.POSITIVE_INFINITY;
    float[] c = new float[size * size];
    Gemm.multiplyTransposed(size, size, size, a, 0, size, b, 0, size, c, 0, size);
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        assertEquals(i == 7, Float.isNaN(c[i * size + j]));
        assertEquals(j == 49 && i != 7, Float.isInfinite(c[i * size + j]));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 300, 70", "6, 33, 800", "40, 600, 129", "0, 3, 3"})
  void weightsAreDecodedOnTheWay(int tokens, int rows, int columns) {
    float[] values = random(rows * columns, 3);
    byte[] bytes = new byte[2 * rows * columns];
    DType.BF16.encode(values, 0, bytes, 0, values.length);
    DType.BF16.decode(bytes, 0, values, 0, values.length);
    float[] a = random(tokens * columns, 4);
    float[] expected = new float[tokens * rows];
    Gemm.multiplyTransposed(
        tokens, rows, columns, a, 0, columns, values, 0, columns, expected, 0, rows);
    float[] encoded = new float[tokens * rows];
    Gemm.multiplyTransposed(tokens, a, new EncodedRows(rows, columns, DType.BF16, bytes), encoded);
    assertBits(expected, encoded);
    float[] plain = new float[tokens * rows];
    Gemm.multiplyTransposed(tokens, a, new Matrix(rows, columns, values), plain);
    assertBits(expected, plain);
  }

  @Test
  void rangesAreChecked() {
    float[] six = new float[6];
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> Gemm.multiplyTransposed(2, 2, 3, six, 1, 3, six, 0, 3, six, 0, 2));
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> Gemm.multiplyTransposed(2, 2, 3, six, 0, 3, six, 0, 4, six, 0, 2));
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> Gemm.multiply(2, 2, 3, six, 0, 3, six, 0, 2, six, 0, 5));
    assertThrows(
        IllegalArgumentException.class,
        () -> Gemm.multiply(2, 2, 3, six, 0, 3, six, 0, 2, six, 0, 1));
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> Gemm.multiplyTransposed(3, six, Matrix.zeros(2, 3), six));
  }

  private static void check(int m, int n, int k, int offset, int aMore, int bMore, int cMore) {
    int aStride = k + aMore;
    int cStride = n + cMore;
    float[] a = random(offset + m * aStride, 5);
    float[] c = new float[offset + m * cStride];
    float[] expected = new float[offset + m * cStride];

    int rowStride = k + bMore;
    float[] rows = random(offset + n * rowStride, 6);
    Arrays.fill(c, UNTOUCHED);
    Arrays.fill(expected, UNTOUCHED);
    Gemm.multiplyTransposed(
        m, n, k, a, offset, aStride, rows, offset, rowStride, c, offset, cStride);
    define(m, n, k, a, offset, aStride, rows, rowStride, 1, expected, cStride);
    assertBits(expected, c);

    int columnStride = n + bMore;
    float[] columns = random(offset + k * columnStride, 7);
    Arrays.fill(c, UNTOUCHED);
    Arrays.fill(expected, UNTOUCHED);
    Gemm.multiply(m, n, k, a, offset, aStride, columns, offset, columnStride, c, offset, cStride);
    define(m, n, k, a, offset, aStride, columns, 1, columnStride, expected, cStride);
    assertBits(expected, c);
  }

  /** The definition: element (p, j) of b lies bColumn * j + bStep * p after offset. */
  private static void define(
      int m,
      int n,
      int k,
      float[] a,
      int offset,
      int aStride,
      float[] b,
      int bColumn,
      int bStep,
      float[] c,
      int cStride) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        float sum = 0;
        for (int p = 0; p < k; p++) {
          sum = Math.fma(a[offset + i * aStride + p], b[offset + j * bColumn + p * bStep], sum);
        }
        c[offset + i * cStride + j] = sum;
      }
    }
  }

  private static void assertBits(float[] expected, float[] actual) {
    assertEquals(-1, Arrays.mismatch(expected, actual));
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
