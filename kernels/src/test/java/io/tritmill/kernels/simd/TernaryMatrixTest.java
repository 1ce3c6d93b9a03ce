package io.tritmill.kernels.simd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.parallel.Cores;
import io.tritmill.kernels.simd.trit.RandomTernary;
import io.tritmill.kernels.simd.trit.TernaryKernel;
import io.tritmill.kernels.simd.trit.TernaryKernels;
import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products of every kernel that runs here, compared by bits with their definition. */
@Tag("slow")
class TernaryMatrixTest {
  private static final float UNTOUCHED = 12345f;

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1",
    "13, 13, 13, 1",
    "64, 64, 64, 2",
    "65, 255, 255, 3",
    "63, 256, 256, 1",
    "207, 207, 128, 2",
    "16, 702, 64, 9",
    "702, 128, 128, 1",
    "702, 130, 1, 1",
    "5, 4098, 4098, 2",
    "64, 4098, 128, 1",
    "13, 4098, 1000, 17",
    "4098, 13, 7, 1",
    "17, 128, 127, 8",
    "64, 8192, 4096, 1"
  })
  void shapes(int rows, int columns, int groupColumns, int tokens) {
    ByteRows x = ByteRows.quantize(tokens, columns, gaussian(tokens * columns, rows));
    for (int planes = 1; planes <= 3; planes++) {
      check(RandomTernary.of(rows, columns, planes, false, groupColumns, columns), x);
      check(RandomTernary.of(rows, columns, planes, true, groupColumns, columns), x);
    }
  }

  @ParameterizedTest
  @CsvSource({"64, 4098, 4098", "33, 702, 702", "80, 255, 255", "64, 128, 128", "7, 512, 256"})
  void largestSums(int rows, int columns, int groupColumns) {
    for (int value : new int[] {127, -127}) {
      byte[] values = new byte[2 * columns];
      Arrays.fill(values, (byte) value);
      for (int i = columns; i < values.length; i += 2) {
        values[i] = (byte) -value;
      }
      ByteRows x = ByteRows.of(2, columns, values, new float[] {1, 0.5f});
      for (int planes = 1; planes <= 3; planes++) {
        RandomTernary random = RandomTernary.of(rows, columns, planes, true, groupColumns, 5);
        for (int trit = -1; trit <= 1; trit++) {
          check(random.filledWith(trit), x);
        }
        check(random, x);
      }
    }
  }

  @Test
  void everyGroupOfTritsHasItsOwnSum() {
    // 3^5 rows hold all neighbours in five columns; powers of two tell sums apart.
    int rows = 243;
    byte[] trits = new byte[5 * rows];
    for (int row = 0; row < rows; row++) {
      for (int i = 0, rest = row; i < 5; i++, rest /= 3) {
        trits[5 * row + i] = (byte) (rest % 3 - 1);
      }
    }
    float[] ones = new float[rows];
    Arrays.fill(ones, 1f);
    RandomTernary w = new RandomTernary(rows, 5, 1, false, 5, new byte[][] {trits}, ones);
    ByteRows x =
        ByteRows.of(
            3,
            5,
            new byte[] {1, 3, 9, 27, 81, 127, -127, 126, -125, 64, -1, 0, 127, 127, 2},
            new float[] {1, 1, 1});
    check(w, x);
    float[] y = new float[3 * rows];
    TernaryMatrix.of(w).multiply(x, y);
    for (int row = 0; row < rows; row++) {
      assertEquals(row - 121, y[row]);
    }
  }

  @Property(tries = 60)
  void anyShape(
      @ForAll @IntRange(min = 1, max = 150) int rows,
      @ForAll @IntRange(min = 1, max = 600) int columns,
      @ForAll @IntRange(min = 1, max = 600) int group,
      @ForAll @IntRange(min = 1, max = 3) int planes,
      @ForAll boolean tied,
      @ForAll @IntRange(max = 10) int tokens,
      @ForAll long seed) {
    ByteRows x = ByteRows.quantize(tokens, columns, gaussian(tokens * columns, seed));
    check(RandomTernary.of(rows, columns, planes, tied, Math.min(group, columns), seed), x);
  }

  @Test
  void aMatrixOfMoreRowsThanABand() {
    RandomTernary w = RandomTernary.of(16_384 + 70, 9, 2, true, 4, 3);
    check(w, ByteRows.quantize(2, 9, gaussian(18, 4)));
  }

  @Test
  void coresChangeNoBit() {
    RandomTernary w = RandomTernary.of(2500, 4098, 2, false, 128, 6);
    TernaryMatrix matrix = TernaryMatrix.of(w);
    float[] a = new float[9 * 4098];
    Random random = new Random(8);
    for (int i = 0; i < a.length; i++) {
      a[i] = (float) random.nextGaussian();
    }
    for (int tokens : new int[] {1, 9}) {
      ByteRows x = ByteRows.quantize(tokens, 4098, a);
      float[] alone = new float[tokens * 2500];
      matrix.multiply(x, alone);
      float[] shared = new float[alone.length];
      Cores.lend(
          3,
          () -> {
            matrix.multiply(x, shared);
            return null;
          });
      assertArrayEquals(alone, shared);
    }
  }

  @Test
  void noRowsAndNoTokens() {
    ByteRows x = ByteRows.quantize(2, 9, gaussian(18, 4));
    for (TernaryKernel kernel : TernaryKernels.all()) {
      float[] y = {UNTOUCHED};
      new TernaryMatrix(kernel, RandomTernary.of(1, 9, 1, false, 9, 1))
          .multiply(ByteRows.quantize(0, 9, new float[0]), y);
      new TernaryMatrix(kernel, new RandomTernary(0, 9, 1, true, 4, new byte[1][0], new float[0]))
          .multiply(x, y);
      assertEquals(UNTOUCHED, y[0]);
    }
  }

  @Test
  void aTokenWithoutFiniteScaleSpoilsItsOwnProductsAlone() {
    float[] a = gaussian(3 * 20, 8);
    a[25] = Float.NEGATIVE_INFINITY;
    ByteRows x = ByteRows.quantize(3, 20, a);
    RandomTernary w = RandomTernary.of(30, 20, 1, true, 20, 2);
    check(w, x);
    float[] y = new float[90];
    TernaryMatrix.of(w).multiply(x, y);
    for (int i = 0; i < y.length; i++) {
      assertEquals(i / 30 == 1, Float.isNaN(y[i]));
    }
  }

  @Test
  void refusesWhatItCannotMultiply() {
    RandomTernary w = RandomTernary.of(4, 10, 2, false, 5, 1);
    TernaryMatrix matrix = TernaryMatrix.of(w);
    ByteRows wide = ByteRows.quantize(1, 11, gaussian(11, 1));
    assertThrows(IllegalArgumentException.class, () -> matrix.multiply(wide, new float[4]));
    ByteRows x = ByteRows.quantize(2, 10, gaussian(20, 1));
    assertThrows(IndexOutOfBoundsException.class, () -> matrix.multiply(x, new float[7]));
    for (int wrong : new int[] {-2, 2, 3, 127, -128}) {
      RandomTernary bad = w.filledWith(0);
      bad.trits()[1][17] = (byte) wrong;
      var error = assertThrows(IllegalArgumentException.class, () -> TernaryMatrix.of(bad));
      assertTrue(error.getMessage().contains("Row 1"), error.getMessage());
    }
    for (int group : new int[] {0, 11}) {
      RandomTernary bad = new RandomTernary(4, 10, 2, false, group, w.trits(), w.scales());
      assertThrows(IllegalArgumentException.class, () -> TernaryMatrix.of(bad));
    }
    RandomTernary endless =
        new RandomTernary(0, 5_000_000, 2, true, 5_000_000, new byte[2][0], new float[0]);
    assertThrows(IllegalArgumentException.class, () -> TernaryMatrix.of(endless));
  }

  private static void check(RandomTernary w, ByteRows x) {
    float[] expected = new float[x.rows() * w.rows() + 1];
    for (int token = 0; token < x.rows(); token++) {
      for (int row = 0; row < w.rows(); row++) {
        expected[token * w.rows() + row] = w.product(row, x, token);
      }
    }
    expected[x.rows() * w.rows()] = UNTOUCHED;
    for (TernaryKernel kernel : TernaryKernels.all()) {
      float[] y = new float[expected.length];
      Arrays.fill(y, UNTOUCHED);
      new TernaryMatrix(kernel, w).multiply(x, y);
      assertArrayEquals(bits(expected), bits(y), kernel.getClass().getSimpleName());
    }
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToIntBits(values[i]);
    }
    return bits;
  }

  private static float[] gaussian(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
