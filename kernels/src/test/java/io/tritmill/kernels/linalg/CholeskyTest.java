package io.tritmill.kernels.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.tensor.Matrix;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Factors, inverses and solutions against their definitions in double.
 *
 * <p>Bounds are those of backward error analysis: a product of n terms may be wrong by n roundings
 * of the sum of absolute terms.
 */
class CholeskyTest {
  private static final double ROUNDING = 0x1p-24;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 13, 63, 64, 65, 127, 128, 129, 207, 300, 702})
  void factorsAndInverses(int n) {
    check(n, n, 0);
  }

  @Property(tries = 40)
  void anySize(@ForAll @IntRange(min = 1, max = 200) int n, @ForAll @IntRange(max = 999) int seed) {
    check(n, seed, 0.01 * seed);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "5, 3", "13, 1", "64, 20", "207, 127", "130, 1500"})
  void rowsAreSolved(int n, int rows) {
    Matrix h = RandomValues.gram(n, 5);
    double damping = 0.1;
    int stride = n + 3;
    float[] b = RandomValues.normal(4 + rows * stride, 6);
    float[] x = b.clone();
    Cholesky cholesky = Cholesky.factor(copy(h), damping);
    assertEquals(n, cholesky.size());
    cholesky.solve(rows, x, 4, stride);
    float[] steps = b.clone();
    cholesky.solveTransposedFactor(rows, steps, 4, stride);
    for (int row = 0; row < rows; row++) {
      double squares = 0;
      double expected = 0;
      for (int j = 0; j < n; j++) {
        int at = 4 + row * stride + j;
        squares += (double) steps[at] * steps[at];
        expected += (double) b[at] * x[at];
      }
      assertEquals(expected, squares, 1e-3 * squares);
    }
    cholesky.solveFactor(rows, steps, 4, stride);
    assertArrayEquals(x, steps);
    double[] r = toDouble(cholesky.takeFactor());
    double[] size = absoluteProduct(n, r);
    for (int row = 0; row < rows; row++) {
      for (int j = 0; j < n; j++) {
        double sum = damping * x[4 + row * stride + j];
        double bound = 0;
        for (int k = 0; k < n; k++) {
          double factor = x[4 + row * stride + k];
          sum += factor * h.values()[k * n + j];
          bound += Math.abs(factor) * size[k * n + j];
        }
        assertEquals(b[4 + row * stride + j], sum, 3 * (n + 8) * ROUNDING * bound);
      }
    }
    // What lies between the rows is left alone.
    for (int i = 0; i < b.length; i++) {
      if (i < 4 || (i - 4) % stride >= n) {
        assertEquals(b[i], x[i]);
      }
    }
  }

  @Test
  void theDeterminantIsTheProductOfThePivots() {
    Matrix h = new Matrix(2, 2, new float[] {4, 1, 1, 3});
    assertEquals(Math.log(11), Cholesky.factor(copy(h), 0).logDeterminant(), 1e-6);
    assertEquals(Math.log(19), Cholesky.factor(copy(h), 1).logDeterminant(), 1e-6);
  }

  @Test
  void theInverseFactorOfGptqWorkedByHand() {
    // H^-1 = (2 -1; -1 1) = U'U with U = (sqrt 2, -1 / sqrt 2; 0, 1 / sqrt 2).
    Matrix h = new Matrix(2, 2, new float[] {1, 1, 1, 2});
    float[] u = Cholesky.factor(h, 0).takeInverseFactor().values();
    float root = (float) Math.sqrt(0.5);
    assertArrayEquals(new float[] {(float) Math.sqrt(2), -root, 0, root}, u, 1e-6f);
  }

  @Test
  void theSameMatrixGivesTheSameBits() {
    Matrix h = RandomValues.gram(190, 8);
    float[] once = Cholesky.factor(copy(h), 0.01).takeInverseFactor().values();
    float[] again = Cholesky.factor(copy(h), 0.01).takeInverseFactor().values();
    assertArrayEquals(once, again);
  }

  @ParameterizedTest
  @CsvSource({"4, 2", "64, 0", "65, 64", "200, 0", "200, 199", "200, 130"})
  void aNegativeElementIsNamed(int n, int index) {
    Matrix h = Matrix.zeros(n, n);
    for (int i = 0; i < n; i++) {
      h.values()[i * n + i] = i == index ? -2 : 3;
    }
    assertFails(h, index, -2, 2.5);
  }

  @ParameterizedTest
  @CsvSource({"10, 3, 7", "200, 5, 150", "200, 60, 61"})
  void aRepeatedColumnIsNamed(int n, int first, int second) {
    Matrix h = RandomValues.gram(n, 9);
    float[] v = h.values();
    for (int j = 0; j < n; j++) {
      v[first * n + j] = v[second * n + j];
    }
    for (int j = 0; j < n; j++) {
      v[j * n + first] = v[j * n + second];
    }
    v[first * n + first] = v[second * n + second];
    double resolution = 1e-5 * v[first * n + first];
    assertFails(h, first, 0, resolution);
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void whatIsNotFiniteFails(float value) {
    Matrix h = RandomValues.gram(150, 10);
    h.values()[20 * 150 + 100] = value;
    h.values()[100 * 150 + 20] = value;
    assertThrows(NotPositiveDefiniteException.class, () -> Cholesky.factor(h, 0));
    h.values()[149 * 150 + 149] = value;
    NotPositiveDefiniteException e =
        assertThrows(NotPositiveDefiniteException.class, () -> Cholesky.factor(h, 0));
    assertEquals(149, e.index());
  }

  @Test
  void zerosFailAndDampingHelps() {
    Matrix h = Matrix.zeros(70, 70);
    assertFails(h, 69, 0, 0);
    float[] u = Cholesky.factor(h, 4).takeInverseFactor().values();
    for (int i = 0; i < 70; i++) {
      for (int j = 0; j < 70; j++) {
        assertEquals(i == j ? 0.5f : 0, u[i * 70 + j] + 0f); // -0 is 0
      }
    }
  }

  @Test
  void misuseIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Cholesky.factor(Matrix.zeros(2, 3), 0));
    Matrix one = new Matrix(1, 1, new float[] {1});
    assertThrows(IllegalArgumentException.class, () -> Cholesky.factor(one, -1));
    assertThrows(IllegalArgumentException.class, () -> Cholesky.factor(one, Double.NaN));
    Cholesky cholesky = Cholesky.factor(one, 0);
    float[] three = new float[3];
    assertThrows(IndexOutOfBoundsException.class, () -> cholesky.solve(2, three, 2, 1));
    assertThrows(IllegalArgumentException.class, () -> cholesky.solve(2, three, 0, 0));
    cholesky.takeFactor();
    assertThrows(IllegalStateException.class, () -> cholesky.solve(1, three, 0, 1));
    assertThrows(IllegalStateException.class, cholesky::takeInverseFactor);
  }

  /** Fails, names the pivot, and leaves the matrix as it was, to be tried with more damping. */
  private static void assertFails(Matrix h, int index, double pivot, double tolerance) {
    float[] before = h.values().clone();
    NotPositiveDefiniteException e =
        assertThrows(NotPositiveDefiniteException.class, () -> Cholesky.factor(h, 0));
    assertEquals(index, e.index());
    assertEquals(pivot, e.pivot(), tolerance);
    assertTrue(e.getMessage().startsWith("Pivot " + index + " is "), e.getMessage());
    assertArrayEquals(before, h.values());
  }

  private static void check(int n, long seed, double damping) {
    Matrix h = RandomValues.gram(n, seed);
    double[] r = toDouble(Cholesky.factor(copy(h), damping).takeFactor());
    double[] size = absoluteProduct(n, r);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int k = Math.max(i, j); k < n; k++) {
          sum += r[i * n + k] * r[j * n + k];
        }
        double expected = h.values()[i * n + j] + (i == j ? damping : 0);
        assertEquals(expected, sum, (n + 8) * ROUNDING * size[i * n + j]);
      }
    }
    double[] u = toDouble(Cholesky.factor(copy(h), damping).takeInverseFactor());
    checkInverse(n, r, u);
  }

  /** U R = I, within n roundings of |U| |R|. */
  private static void checkInverse(int n, double[] r, double[] u) {
    for (int i = 0; i < n; i++) {
      assertTrue(u[i * n + i] > 0);
      for (int j = 0; j < i; j++) {
        assertEquals(0, r[i * n + j]);
        assertEquals(0, u[i * n + j]);
      }
      for (int j = i; j < n; j++) {
        double sum = 0;
        double bound = 0;
        for (int k = i; k <= j; k++) {
          double product = u[i * n + k] * r[k * n + j];
          sum += product;
          bound += Math.abs(product);
        }
        assertEquals(i == j ? 1 : 0, sum, (n + 8) * ROUNDING * bound);
      }
    }
  }

  /** |R| |R'|. */
  private static double[] absoluteProduct(int n, double[] r) {
    double[] size = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        for (int k = Math.max(i, j); k < n; k++) {
          size[i * n + j] += Math.abs(r[i * n + k] * r[j * n + k]);
        }
      }
    }
    return size;
  }

  private static double[] toDouble(Matrix matrix) {
    double[] values = new double[matrix.values().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = matrix.values()[i];
    }
    return values;
  }

  private static Matrix copy(Matrix h) {
    return new Matrix(h.rows(), h.columns(), h.values().clone());
  }
}
