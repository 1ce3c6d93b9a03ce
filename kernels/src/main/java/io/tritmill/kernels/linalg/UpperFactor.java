package io.tritmill.kernels.linalg;

import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.simd.GemmUpdate;
import java.util.Arrays;

/**
 * An upper triangular matrix in the upper half of a square array, and the recursions that make and
 * use it.
 *
 * <p>Every recursion halves the matrix until a block has {@link #BASE} rows or fewer; what lies
 * between is matrix products in float. The blocks on the diagonal are factored and inverted in
 * double and their inverses are kept, so that a block is solved by a product as well. Elements
 * below the diagonal are neither read nor written.
 */
final class UpperFactor {
  /** A pivot must be larger than this part of the element that it began as: float's resolution. */
  static final double SMALLEST_PIVOT = 0x1p-21;

  /** Rows of a block on the diagonal. */
  private static final int BASE = 64;

  /** Rows of a right-hand side that are solved at once. */
  private static final int ROWS = 1024;

  private final int n;
  private final float[] r; // (n, n)
  private final float[] inverses; // (n, BASE): row i of the inverse of the block that holds row i
  private final double[] block = new double[BASE * BASE];
  private final double[] inverse = new double[BASE * BASE];
  private float[] solved = {};

  /**
   * @param n rows and columns
   * @param h (n, n), the symmetric matrix to factor; only its upper half is read
   */
  UpperFactor(int n, float[] h) {
    this.n = n;
    r = h;
    inverses = new float[Math.multiplyExact(n, BASE)];
  }

  /**
   * Replaces the symmetric matrix by its factor R, h = R R'.
   *
   * @param diagonal (n) what pivots are compared with
   */
  void factor(double[] diagonal) {
    factor(0, n, diagonal);
  }

  /** Replaces rows b by b R^-1. */
  void solve(int rows, float[] b, int offset, int stride) {
    for (int row = 0; row < rows; row += ROWS) {
      solve(0, n, Math.min(ROWS, rows - row), b, offset + row * stride, stride);
    }
  }

  /** Replaces rows b by b R'^-1. */
  void solveTransposed(int rows, float[] b, int offset, int stride) {
    for (int row = 0; row < rows; row += ROWS) {
      solveTransposed(0, n, Math.min(ROWS, rows - row), b, offset + row * stride, stride);
    }
  }

  /** Replaces R by its inverse. */
  void invert() {
    invert(0, n);
  }

  private static int middle(int first, int end) {
    // Whole blocks on the left, so that a row always belongs to the same block.
    int blocks = Math.ceilDiv(end - first, BASE);
    return first + (blocks + 1) / 2 * BASE;
  }

  /**
   * Rows and columns [first, end) of h, from the last to the first: the lower right quarter, the
   * panel above it, and what is left of the upper left quarter.
   */
  private void factor(int first, int end, double[] diagonal) {
    if (end - first <= BASE) {
      factorBlock(first, end - first, diagonal);
      return;
    }
    int middle = middle(first, end);
    factor(middle, end, diagonal);
    int panel = at(first, middle);
    solveTransposed(middle, end, middle - first, r, panel - middle, n);
    GemmUpdate.subtractSquare(middle - first, end - middle, r, panel, n, r, at(first, first), n);
    factor(first, middle, diagonal);
  }

  /**
   * X R' = B for columns [first, end) of B, which is replaced by X.
   *
   * @param offset where row 0 and column 0 of B would lie
   */
  private void solveTransposed(int first, int end, int rows, float[] b, int offset, int stride) {
    if (end - first <= BASE) {
      int size = end - first;
      float[] x = room(rows * size);
      int at = offset + first;
      Gemm.multiplyTransposed(
          rows, size, size, b, at, stride, inverses, first * BASE, BASE, x, 0, size);
      copy(rows, size, x, b, at, stride);
      return;
    }
    int middle = middle(first, end);
    solveTransposed(middle, end, rows, b, offset, stride);
    GemmUpdate.subtractTransposed(
        rows,
        middle - first,
        end - middle,
        b,
        offset + middle,
        stride,
        r,
        at(first, middle),
        n,
        b,
        offset + first,
        stride);
    solveTransposed(first, middle, rows, b, offset, stride);
  }

  /** X R = B for columns [first, end) of B, which is replaced by X. */
  private void solve(int first, int end, int rows, float[] b, int offset, int stride) {
    if (end - first <= BASE) {
      int size = end - first;
      float[] x = room(rows * size);
      int at = offset + first;
      Gemm.multiply(rows, size, size, b, at, stride, inverses, first * BASE, BASE, x, 0, size);
      copy(rows, size, x, b, at, stride);
      return;
    }
    int middle = middle(first, end);
    solve(first, middle, rows, b, offset, stride);
    GemmUpdate.subtract(
        rows,
        end - middle,
        middle - first,
        b,
        offset + first,
        stride,
        r,
        at(first, middle),
        n,
        b,
        offset + middle,
        stride);
    solve(middle, end, rows, b, offset, stride);
  }

  /**
   * R X = B for rows [first, end) of B, which is replaced by X.
   *
   * @param columns columns of B
   * @param offset where row 0 of B lies
   */
  private void solveLeft(int first, int end, int columns, float[] b, int offset, int stride) {
    if (end - first <= BASE) {
      int size = end - first;
      float[] x = room(size * columns);
      int at = offset + first * stride;
      Gemm.multiply(
          size, columns, size, inverses, first * BASE, BASE, b, at, stride, x, 0, columns);
      copy(size, columns, x, b, at, stride);
      return;
    }
    int middle = middle(first, end);
    solveLeft(middle, end, columns, b, offset, stride);
    GemmUpdate.subtract(
        middle - first,
        columns,
        end - middle,
        r,
        at(first, middle),
        n,
        b,
        offset + middle * stride,
        stride,
        b,
        offset + first * stride,
        stride);
    solveLeft(first, middle, columns, b, offset, stride);
  }

  /** The inverse of (A B; 0 C) is (A^-1, -A^-1 B C^-1; 0, C^-1). */
  private void invert(int first, int end) {
    if (end - first <= BASE) {
      for (int i = 0; i < end - first; i++) {
        System.arraycopy(
            inverses, (first + i) * BASE + i, r, at(first + i, first + i), end - first - i);
      }
      return;
    }
    int middle = middle(first, end);
    solveLeft(first, middle, end - middle, r, middle, n);
    solve(middle, end, middle - first, r, first * n, n);
    for (int i = first; i < middle; i++) {
      for (int at = at(i, middle); at < at(i, end); at++) {
        r[at] = -r[at];
      }
    }
    invert(first, middle);
    invert(middle, end);
  }

  private int at(int row, int column) {
    return row * n + column;
  }

  private float[] room(int size) {
    if (solved.length < size) {
      solved = new float[size];
    }
    return solved;
  }

  private static void copy(int rows, int columns, float[] x, float[] b, int at, int stride) {
    for (int i = 0; i < rows; i++) {
      System.arraycopy(x, i * columns, b, at + i * stride, columns);
    }
  }

  /** Factors one block on the diagonal in double, and inverts it. */
  private void factorBlock(int first, int size, double[] diagonal) {
    for (int i = 0; i < size; i++) {
      for (int j = i; j < size; j++) {
        block[i * BASE + j] = r[at(first + i, first + j)];
      }
    }
    for (int k = size - 1; k >= 0; k--) {
      double pivot = block[k * BASE + k];
      double whole = diagonal[first + k];
      if (!(pivot > whole * SMALLEST_PIVOT && pivot < Double.POSITIVE_INFINITY)) {
        throw new NotPositiveDefiniteException(first + k, pivot, whole);
      }
      eliminate(k);
    }
    invertBlock(size);
    for (int i = 0; i < size; i++) {
      for (int j = i; j < size; j++) {
        r[at(first + i, first + j)] = (float) block[i * BASE + j];
        inverses[(first + i) * BASE + j] = (float) inverse[i * BASE + j];
      }
    }
  }

  /** Makes column k of the block that of its factor, and takes it from the columns before it. */
  private void eliminate(int k) {
    double root = Math.sqrt(block[k * BASE + k]);
    block[k * BASE + k] = root;
    double[] column = inverse; // not needed yet
    for (int i = 0; i < k; i++) {
      block[i * BASE + k] /= root;
      column[i] = block[i * BASE + k];
    }
    for (int i = 0; i < k; i++) {
      double factor = -column[i];
      for (int j = i; j < k; j++) {
        block[i * BASE + j] = Math.fma(factor, column[j], block[i * BASE + j]);
      }
    }
  }

  /** Row i of the inverse from the rows after it: (e_i - sum over k > i of r_ik row_k) / r_ii. */
  private void invertBlock(int size) {
    for (int i = size - 1; i >= 0; i--) {
      int row = i * BASE;
      Arrays.fill(inverse, row, row + size, 0);
      inverse[row + i] = 1;
      for (int k = i + 1; k < size; k++) {
        double factor = -block[row + k];
        for (int j = k; j < size; j++) {
          inverse[row + j] = Math.fma(factor, inverse[k * BASE + j], inverse[row + j]);
        }
      }
      double root = block[row + i];
      for (int j = i; j < size; j++) {
        inverse[row + j] /= root;
      }
    }
  }
}
