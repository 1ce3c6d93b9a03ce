package io.tritmill.kernels.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.tensor.Matrix;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rotations against their matrices. */
class HadamardTest {
  @ParameterizedTest
  @ValueSource(ints = {12, 20, 28})
  void paleyMatricesHaveOrthogonalRowsOfSigns(int order) {
    float[] h = Paley.matrix(order);
    for (int i = 0; i < order; i++) {
      for (int j = 0; j < order; j++) {
        int sum = 0;
        for (int k = 0; k < order; k++) {
          assertEquals(1, Math.abs(h[i * order + k]));
          sum += (int) (h[i * order + k] * h[j * order + k]);
        }
        assertEquals(i == j ? order : 0, sum);
      }
    }
    assertThrows(IllegalArgumentException.class, () -> Paley.matrix(order + 4));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "2, 2",
    "3, 1",
    "5, 1",
    "6, 2",
    "12, 12",
    "13, 1",
    "20, 20",
    "24, 24",
    "28, 28",
    "40, 40",
    "60, 20",
    "64, 64",
    "127, 1",
    "140, 28",
    "207, 1",
    "288, 96",
    "702, 2",
    "768, 768",
    "2304, 768",
    "4096, 4096",
    "5632, 512",
    "8960, 1792",
    "11008, 256",
    "13824, 1536",
    "14336, 14336",
    "1073741824, 1073741824"
  })
  void blocksAreTheLargestThatTileTheWidth(int width, int block) {
    assertEquals(block, Hadamard.largestBlock(width));
  }

  @Property(tries = 60)
  void blocksAreTheLargestOfAllDivisors(@ForAll @IntRange(min = 1, max = 3000) int width) {
    int largest = 0;
    for (int order : new int[] {1, 12, 20, 28}) {
      for (int block = order; block <= width; block *= 2) {
        if (width % block == 0) {
          largest = Math.max(largest, block);
        }
      }
    }
    assertEquals(largest, Hadamard.largestBlock(width));
    assertEquals(largest, Hadamard.ofBlocks(width, largest, 1).block());
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        1, 2, 3, 5, 8, 12, 13, 20, 24, 28, 32, 40, 64, 112, 127, 207, 256, 320, 448, 702, 768
      })
  void rotationsAreOrthogonal(int width) {
    float[] q = matrix(Hadamard.of(width, 42));
    for (int i = 0; i < width; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = 0;
        for (int k = 0; k < width; k++) {
          sum += (double) q[i * width + k] * q[j * width + k];
        }
        assertEquals(i == j ? 1 : 0, sum, 1e-6);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"64, 64", "64, 16", "96, 12", "768, 256", "448, 28", "80, 20", "7, 1"})
  void blocksAreMixedEvenlyAndKeptApart(int width, int block) {
    float[] q = matrix(Hadamard.ofBlocks(width, block, 3));
    for (int i = 0; i < width; i++) {
      for (int j = 0; j < width; j++) {
        double expected = i / block == j / block ? 1 / Math.sqrt(block) : 0;
        assertEquals(expected, Math.abs(q[i * width + j]), 1e-7);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 13, 28, 64, 207, 320, 702, 768, 1792, 4096})
  void rowsAreThoseOfTheMatrix(int width) {
    Hadamard rotation = Hadamard.of(width, 5);
    int rows = 3;
    int stride = width + 5;
    float[] x = RandomValues.normal(2 + rows * stride, 6);
    float[] y = x.clone();
    rotation.apply(rows, y, 2, stride);
    float[] row = new float[width];
    for (int i = 0; i < width; i += Math.max(1, width / 9)) {
      // Row i of Q is what the inverse makes of the unit vector i.
      Arrays.fill(row, 0);
      row[i] = 1;
      rotation.invert(1, row, 0, width);
      for (int r = 0; r < rows; r++) {
        double sum = 0;
        double absolute = 0;
        for (int j = 0; j < width; j++) {
          double product = (double) row[j] * x[2 + r * stride + j];
          sum += product;
          absolute += Math.abs(product);
        }
        // A sum by halves, or of 28 in turn, and two roundings of the factor.
        assertEquals(sum, y[2 + r * stride + i], (30 + 2 * 12) * 0x1p-24 * absolute);
      }
    }
    for (int i = 0; i < x.length; i++) {
      if (i < 2 || (i - 2) % stride >= width) {
        assertEquals(x[i], y[i]);
      }
    }
  }

  @Property(tries = 100)
  void theInverseUndoes(@ForAll @IntRange(min = 1, max = 1500) int width, @ForAll long seed) {
    Hadamard rotation = Hadamard.of(width, seed);
    float[] x = RandomValues.normal(2 * width, width);
    float[] y = x.clone();
    rotation.apply(2, y, 0, width);
    double before = norm(x);
    assertEquals(before, norm(y), 1e-6 * before);
    rotation.invert(2, y, 0, width);
    for (int i = 0; i < x.length; i++) {
      assertEquals(x[i], y[i], 1e-6 * before);
    }
  }

  @Test
  void signsComeFromTheSeedAndTheColumnAlone() {
    float[] narrow = ones(64);
    float[] wide = ones(128);
    Hadamard.ofBlocks(64, 1, 9).apply(1, narrow, 0, 64);
    Hadamard.ofBlocks(128, 1, 9).apply(1, wide, 0, 128);
    assertArrayEquals(narrow, Arrays.copyOf(wide, 64));
    float[] other = ones(64);
    Hadamard.ofBlocks(64, 1, 10).apply(1, other, 0, 64);
    assertFalse(Arrays.equals(narrow, other));
    // Fixed for ever, because packed files record a seed: the signs of SplitMix64's numbers.
    SplittableRandom numbers = new SplittableRandom(9);
    for (int j = 0; j < 128; j++) {
      assertEquals(numbers.nextLong() < 0 ? -1 : 1, wide[j]);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 3", "12, 40", "64, 1", "207, 16", "320, 33"})
  void columnsAreRotatedLikeRows(int width, int columns) {
    int stride = columns + 2;
    float[] x = RandomValues.normal(1 + width * stride, 7);
    float[] expected = x.clone();
    Hadamard rotation = Hadamard.of(width, 11);
    float[] row = new float[width];
    for (int j = 0; j < columns; j++) {
      for (int i = 0; i < width; i++) {
        row[i] = expected[1 + i * stride + j];
      }
      rotation.apply(1, row, 0, width);
      for (int i = 0; i < width; i++) {
        expected[1 + i * stride + j] = row[i];
      }
    }
    rotation.applyToColumns(columns, x, 1, stride);
    assertArrayEquals(expected, x);
    assertThrows(
        IndexOutOfBoundsException.class, () -> rotation.applyToColumns(columns, x, 4, stride));
    assertThrows(IllegalArgumentException.class, () -> rotation.applyToColumns(4, x, 0, 3));
  }

  @Test
  void anOutlierIsSpread() {
    float[] x = new float[4096];
    x[1234] = 64;
    Hadamard.of(4096, 1).apply(1, x, 0, 4096);
    for (float value : x) {
      assertEquals(1, Math.abs(value));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {24, 100, 128})
  void whatAProductGivesIsUnchanged(int width) {
    int outputs = 30;
    float[] w = RandomValues.normal(outputs * width, 1);
    float[] x = RandomValues.normal(width, 2);
    float[] expected = new float[outputs];
    Gemm.multiplyTransposed(1, outputs, width, x, 0, width, w, 0, width, expected, 0, outputs);
    Hadamard rotation = Hadamard.of(width, 3);
    rotation.apply(outputs, w, 0, width);
    rotation.apply(1, x, 0, width);
    float[] actual = new float[outputs];
    Gemm.multiplyTransposed(1, outputs, width, x, 0, width, w, 0, width, actual, 0, outputs);
    for (int i = 0; i < outputs; i++) {
      assertEquals(expected[i], actual[i], 1e-5 * norm(x) * Math.sqrt(width));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 64, 84, 200})
  void factorsFollowRotations(int width) {
    Matrix h = RandomValues.gram(width, 4);
    Hadamard rotation = Hadamard.of(width, 8);
    Matrix rotated = rotate(h, rotation);
    double damping = 0.01;
    Cholesky plain = Cholesky.factor(h, damping);
    Cholesky turned = Cholesky.factor(rotated, damping);
    double determinant = plain.logDeterminant();
    assertEquals(determinant, turned.logDeterminant(), 1e-4 * width);
    // Q (H^-1 b) = (Q H Q')^-1 Q b.
    float[] expected = RandomValues.normal(width, 5);
    float[] actual = expected.clone();
    plain.solve(1, expected, 0, width);
    rotation.apply(1, expected, 0, width);
    rotation.apply(1, actual, 0, width);
    turned.solve(1, actual, 0, width);
    double size = norm(expected);
    for (int j = 0; j < width; j++) {
      assertEquals(expected[j], actual[j], 1e-3 * size);
    }
  }

  @Test
  void misuseIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Hadamard.of(0, 1));
    assertThrows(IllegalArgumentException.class, () -> Hadamard.ofBlocks(64, 3, 1));
    assertThrows(IllegalArgumentException.class, () -> Hadamard.ofBlocks(64, 128, 1));
    assertThrows(IllegalArgumentException.class, () -> Hadamard.ofBlocks(36, 36, 1));
    assertThrows(IllegalArgumentException.class, () -> Hadamard.ofBlocks(8, 0, 1));
    Hadamard rotation = Hadamard.of(8, 1);
    assertEquals(8, rotation.width());
    assertEquals(1, rotation.seed());
    assertThrows(IndexOutOfBoundsException.class, () -> rotation.apply(2, new float[15], 0, 8));
    assertThrows(IllegalArgumentException.class, () -> rotation.invert(2, new float[16], 0, 7));
  }

  @Test
  void theRotationOfASmallWidthWorkedByHand() {
    float[] x = {1, 2, 3, 4};
    float[] signs = ones(4);
    Hadamard.ofBlocks(4, 1, 0).apply(1, signs, 0, 4);
    Hadamard.of(4, 0).apply(1, x, 0, 4);
    float a = signs[0];
    float b = 2 * signs[1];
    float c = 3 * signs[2];
    float d = 4 * signs[3];
    float[] expected = {
      (a + b + c + d) / 2, (a - b + c - d) / 2, (a + b - c - d) / 2, (a - b - c + d) / 2
    };
    assertArrayEquals(expected, x);
    assertTrue(norm(x) > 5.47 && norm(x) < 5.48);
  }

  /** Q H Q'. */
  private static Matrix rotate(Matrix h, Hadamard rotation) {
    int n = h.rows();
    float[] once = h.values().clone();
    rotation.apply(n, once, 0, n);
    float[] twice = new float[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        twice[j * n + i] = once[i * n + j];
      }
    }
    rotation.apply(n, twice, 0, n);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        twice[i * n + j] = twice[j * n + i];
      }
    }
    return new Matrix(n, n, twice);
  }

  /** Q: row j of the identity becomes column j of Q, as a row. */
  private static float[] matrix(Hadamard rotation) {
    int width = rotation.width();
    float[] columns = new float[width * width];
    for (int j = 0; j < width; j++) {
      columns[j * width + j] = 1;
    }
    rotation.apply(width, columns, 0, width);
    float[] q = new float[width * width];
    for (int i = 0; i < width; i++) {
      for (int j = 0; j < width; j++) {
        q[i * width + j] = columns[j * width + i];
      }
    }
    return q;
  }

  private static float[] ones(int length) {
    float[] ones = new float[length];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static double norm(float[] x) {
    double sum = 0;
    for (float value : x) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }
}
