package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.linalg.Cholesky;
import io.tritmill.kernels.linalg.NotPositiveDefiniteException;
import io.tritmill.kernels.quantize.band.Columns;
import io.tritmill.kernels.tensor.Matrix;
import java.util.Arrays;

/**
 * The factor that tells how an error in one column is made up for by the columns after it: upper
 * triangular U with (H + lambda I)^-1 = U'U, mirrored below its diagonal so that its columns can be
 * read as rows.
 *
 * <p>A factorization that fails is tried again with ten times the damping.
 *
 * @param values (n, n): U_ij at (i, j) and at (j, i)
 * @param damping lambda over the mean diagonal, as used
 */
public record InverseFactor(float[] values, double damping) {
  /** Damping after a failure without any. */
  private static final double FIRST_DAMPING = 1e-4;

  /** With a diagonal this dominant a symmetric matrix of nonnegative diagonal is definite. */
  private static final double LAST_DAMPING = 100;

  /**
   * Factors in a copy of the matrix.
   *
   * @param order column order[i] of the matrix is number i of the factor; null for their own order
   * @throws IllegalArgumentException if no damping makes the matrix positive definite
   */
  public static InverseFactor of(Columns columns, double damp, int[] order) {
    Damped damped = Damped.of(columns, damp, order);
    float[] u = damped.cholesky().takeInverseFactor().values();
    mirror(columns.size(), u);
    return new InverseFactor(u, damped.damping());
  }

  /**
   * A factor of H + lambda I, and the damping that it took.
   *
   * @param damping lambda over the mean diagonal
   */
  public record Damped(Cholesky cholesky, double damping) {
    /** As {@link InverseFactor#of}. */
    public static Damped of(Columns columns, double damp, int[] order) {
      Matrix h = ordered(columns, order);
      for (double damping = damp; ; damping = Math.max(FIRST_DAMPING, damping * 10)) {
        try {
          return new Damped(Cholesky.factor(h, damping * columns.mean()), damping);
        } catch (NotPositiveDefiniteException e) {
          if (damping * 10 > LAST_DAMPING) {
            throw new IllegalArgumentException(
                "The Gram matrix has no factor even with damping of %s times its mean diagonal: %s"
                    .formatted(damping, e.getMessage()),
                e);
          }
        }
      }
    }
  }

  int size() {
    return (int) Math.round(Math.sqrt(values.length));
  }

  private static Matrix ordered(Columns columns, int[] order) {
    int n = columns.size();
    float[] h = columns.gram().values();
    float[] copy = order == null ? h.clone() : new float[h.length];
    for (int i = 0; i < n; i++) {
      int from = order == null ? i : order[i];
      for (int j = 0; order != null && j < n; j++) {
        copy[i * n + j] = h[from * n + order[j]];
      }
      copy[i * n + i] = columns.diagonal()[from];
    }
    return new Matrix(n, n, copy);
  }

  private static void mirror(int n, float[] u) {
    int side = 32;
    for (int row = 0; row < n; row += side) {
      for (int column = 0; column <= row; column += side) {
        for (int i = row; i < Math.min(n, row + side); i++) {
          for (int j = column; j < Math.min(i, column + side); j++) {
            u[i * n + j] = u[j * n + i];
          }
        }
      }
    }
  }

  /** Columns in descending order of their diagonal, equal ones in ascending order. */
  static int[] descendingDiagonal(Columns columns) {
    int n = columns.size();
    // Positive floats order as their bits do; the lower half makes a stable sort.
    long[] keys = new long[n];
    for (int i = 0; i < n; i++) {
      keys[i] = (long) Float.floatToIntBits(columns.diagonal()[i]) << 32 | (n - 1 - i);
    }
    Arrays.sort(keys);
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[n - 1 - i] = n - 1 - (int) keys[i];
    }
    return order;
  }
}
