package io.tritmill.kernels.simd.product;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tritmill.kernels.simd.GemmUpdate;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Subtracted products against their definition, chains that begin in c. */
class GemmUpdateTest {
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "2, 5, 3",
    "13, 64, 127",
    "12, 32, 384",
    "25, 257, 385",
    "207, 60, 13",
    "60, 530, 40",
    "5, 5, 0",
    "0, 4, 4"
  })
  void shapes(int m, int n, int k) {
    check(m, n, k, 0);
    check(m, n, k, 5);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 3", "13, 400", "64, 64", "127, 20", "207, 385", "702, 9", "12, 0"})
  void squares(int n, int k) {
    checkSquare(n, k, 0);
    checkSquare(n, k, 3);
  }

  @Property(tries = 100)
  void anyShape(
      @ForAll @IntRange(max = 60) int m,
      @ForAll @IntRange(max = 90) int n,
      @ForAll @IntRange(max = 450) int k,
      @ForAll @IntRange(max = 9) int more) {
    check(m, n, k, more);
    checkSquare(m, k, more);
  }

  @Tag("slow")
  @Test
  void manyRowsArePackedInParts() {
    // More steps than fit the room for packed rows at once.
    check(30, 33, 400_000, 0);
    checkSquare(30, 400_000, 0);
  }

  @Test
  void operandsMayLieBesideTheResult() {
    float[] all = random(100 * 100, 3);
    float[] expected = all.clone();
    define(50, 40, 60, all, 0, 100, all, 5000, 100, 1, expected, 60, 100);
    GemmUpdate.subtractTransposed(50, 40, 60, all, 0, 100, all, 5000, 100, all, 60, 100);
    assertEquals(-1, Arrays.mismatch(expected, all));
  }

  @Test
  void rangesAreChecked() {
    float[] six = new float[6];
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> GemmUpdate.subtractTransposed(2, 2, 3, six, 1, 3, six, 0, 3, six, 0, 2));
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> GemmUpdate.subtract(2, 2, 3, six, 0, 3, six, 0, 2, six, 0, 5));
    assertThrows(
        IllegalArgumentException.class,
        () -> GemmUpdate.subtractSquare(2, 3, six, 0, 2, six, 0, 2));
  }

  private static void check(int m, int n, int k, int more) {
    int aStride = k + more;
    int cStride = n + more;
    float[] a = random(more + m * aStride, 1);
    float[] c = random(more + m * cStride, 2);

    int rowStride = k + 2 * more;
    float[] rows = random(more + n * rowStride, 3);
    float[] expected = c.clone();
    define(m, n, k, a, more, aStride, rows, more, rowStride, 1, expected, more, cStride);
    float[] actual = c.clone();
    GemmUpdate.subtractTransposed(
        m, n, k, a, more, aStride, rows, more, rowStride, actual, more, cStride);
    assertEquals(-1, Arrays.mismatch(expected, actual));

    int columnStride = n + 3 * more;
    float[] columns = random(more + k * columnStride, 4);
    expected = c.clone();
    define(m, n, k, a, more, aStride, columns, more, 1, columnStride, expected, more, cStride);
    actual = c.clone();
    GemmUpdate.subtract(
        m, n, k, a, more, aStride, columns, more, columnStride, actual, more, cStride);
    assertEquals(-1, Arrays.mismatch(expected, actual));
  }

  private static void checkSquare(int n, int k, int more) {
    int aStride = k + more;
    int cStride = n + 2 * more;
    float[] a = random(more + n * aStride, 5);
    float[] c = random(n * cStride, 6);
    float[] all = c.clone();
    define(n, n, k, a, more, aStride, a, more, aStride, 1, all, 0, cStride);
    float[] expected = c.clone();
    for (int i = 0; i < n; i++) {
      System.arraycopy(all, i * cStride + i, expected, i * cStride + i, n - i);
    }
    GemmUpdate.subtractSquare(n, k, a, more, aStride, c, 0, cStride);
    assertEquals(-1, Arrays.mismatch(expected, c));
  }

  /** The definition: element (p, j) of b lies bColumn * j + bStep * p after bOffset. */
  private static void define(
      int m,
      int n,
      int k,
      float[] a,
      int aOffset,
      int aStride,
      float[] b,
      int bOffset,
      int bColumn,
      int bStep,
      float[] c,
      int cOffset,
      int cStride) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        float sum = c[cOffset + i * cStride + j];
        for (int p = 0; p < k; p++) {
          float factor = a[aOffset + i * aStride + p];
          sum = Math.fma(-factor, b[bOffset + j * bColumn + p * bStep], sum);
        }
        c[cOffset + i * cStride + j] = sum;
      }
    }
  }

  private static float[] random(int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] a = new float[length];
    for (int i = 0; i < length; i++) {
      a[i] = (float) random.nextDouble() - 0.5f;
    }
    return a;
  }
}
