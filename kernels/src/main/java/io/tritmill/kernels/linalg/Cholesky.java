package io.tritmill.kernels.linalg;

import io.tritmill.kernels.tensor.Matrix;
import java.util.Arrays;
import java.util.Objects;

/**
 * The Cholesky factor of a symmetric positive definite matrix: H + damping I = R R', R upper
 * triangular.
 *
 * <p>This is the factor that begins with the last row. GPTQ (arXiv 2210.17323) works with the upper
 * factor U of the inverse, H^-1 = U'U, and U is R^-1: one factorization and one triangular
 * inversion, 2/3 n^3 operations, and neither H^-1 nor a second factor is ever formed.
 *
 * <p>The matrix is held in float, the n^2 values that were handed in and 64 n more. Products are
 * summed in float, blocks of 64 on the diagonal are factored and inverted in double. The factor is
 * that of a matrix that differs from H by a few float roundings of its elements, so relative errors
 * of the inverse are about 1e-7 times the condition number: with the usual damping of a hundredth
 * of the mean diagonal no more than what GPTQ's own implementation has in float. Where rounding
 * leaves nothing of a pivot, the factorization fails instead of returning noise.
 */
public final class Cholesky {
  private final int n;
  private final float[] values;
  private final UpperFactor factor;
  private boolean usable = true;

  private Cholesky(int n, float[] values) {
    this.n = n;
    this.values = values;
    factor = new UpperFactor(n, values);
  }

  /**
   * Factors a matrix in its own memory.
   *
   * @param h (n, n), symmetric, both halves filled; its memory belongs to the factor afterwards
   * @param damping added to the diagonal, at least 0
   * @throws NotPositiveDefiniteException if a pivot is not positive, or no more than rounding; h is
   *     then what it was before, so that the same matrix can be tried with more damping
   */
  public static Cholesky factor(Matrix h, double damping) {
    int n = h.rows();
    if (h.columns() != n || !(damping >= 0)) {
      throw new IllegalArgumentException(
          "A factor of %d x %d with damping %s".formatted(n, h.columns(), damping));
    }
    float[] values = h.values();
    float[] original = new float[n];
    double[] diagonal = new double[n];
    for (int i = 0; i < n; i++) {
      original[i] = values[i * n + i];
      diagonal[i] = original[i] + damping;
      values[i * n + i] = (float) diagonal[i];
    }
    Cholesky cholesky = new Cholesky(n, values);
    try {
      cholesky.factor.factor(diagonal);
    } catch (NotPositiveDefiniteException e) {
      cholesky.mirrorLower();
      for (int i = 0; i < n; i++) {
        values[i * n + i] = original[i];
      }
      throw e;
    }
    return cholesky;
  }

  /** Rows and columns. */
  public int size() {
    return n;
  }

  /**
   * Replaces rows b by b H^-1, that is, solves X H = B.
   *
   * @param rows number of rows
   * @param b (rows, n) from offset on, rows stride apart
   */
  public void solve(int rows, float[] b, int offset, int stride) {
    check(rows, b, offset, stride);
    factor.solveTransposed(rows, b, offset, stride);
    factor.solve(rows, b, offset, stride);
  }

  /** Replaces rows b by b R^-1. */
  public void solveFactor(int rows, float[] b, int offset, int stride) {
    check(rows, b, offset, stride);
    factor.solve(rows, b, offset, stride);
  }

  /** Replaces rows b by b R'^-1; the squares of a row of the result sum to b H^-1 b'. */
  public void solveTransposedFactor(int rows, float[] b, int offset, int stride) {
    check(rows, b, offset, stride);
    factor.solveTransposed(rows, b, offset, stride);
  }

  /** Logarithm of the determinant of H + damping I. */
  public double logDeterminant() {
    checkUsable();
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += 2 * Math.log(values[i * n + i]);
    }
    return sum;
  }

  /**
   * The factor R, in the memory of the matrix that was factored. This object cannot be used
   * afterwards.
   *
   * @return (n, n), zero below the diagonal, positive on it
   */
  public Matrix takeFactor() {
    checkUsable();
    usable = false;
    clearLower();
    return new Matrix(n, n, values);
  }

  /**
   * The upper triangular factor U of the inverse, (H + damping I)^-1 = U'U, in the memory of the
   * matrix that was factored. This object cannot be used afterwards: solve first.
   *
   * @return (n, n), zero below the diagonal, positive on it
   */
  public Matrix takeInverseFactor() {
    checkUsable();
    factor.invert();
    return takeFactor();
  }

  private void clearLower() {
    for (int i = 0; i < n; i++) {
      Arrays.fill(values, i * n, i * n + i, 0);
    }
  }

  /** Copies the lower half, which a factorization leaves alone, to the upper half. */
  private void mirrorLower() {
    int side = 32;
    for (int row = 0; row < n; row += side) {
      for (int column = 0; column <= row; column += side) {
        for (int i = row; i < Math.min(n, row + side); i++) {
          for (int j = column; j < Math.min(i, column + side); j++) {
            values[j * n + i] = values[i * n + j];
          }
        }
      }
    }
  }

  private void check(int rows, float[] b, int offset, int stride) {
    checkUsable();
    if (rows < 0 || stride < n) {
      throw new IllegalArgumentException("%d rows of %d, %d apart".formatted(rows, n, stride));
    }
    int length = rows == 0 ? 0 : Math.addExact(Math.multiplyExact(rows - 1, stride), n);
    Objects.checkFromIndexSize(offset, length, b.length);
  }

  private void checkUsable() {
    if (!usable) {
      throw new IllegalStateException("The memory of this factor was taken");
    }
  }
}
