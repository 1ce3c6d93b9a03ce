package io.tritmill.kernels.quantize.band;

import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.simd.Simd;
import io.tritmill.kernels.tensor.Matrix;

/**
 * The Gram matrix as a solver sees it: with a diagonal that is positive everywhere.
 *
 * <p>A column is dead when its input was zero in every token. Its weights cost nothing and become
 * zero; its diagonal counts as the mean one, which decides nothing. When all columns are dead, no
 * token reached the layer: the matrix then counts as the identity, so that the weights are rounded
 * as they are.
 *
 * @param gram (n, n), symmetric
 * @param dead columns whose weights become zero
 * @param diagonal of the matrix, that of dead columns replaced
 * @param mean of the diagonal of columns that are not dead, positive
 */
public record Columns(Matrix gram, boolean[] dead, float[] diagonal, double mean) {
  /**
   * @throws IllegalArgumentException if the statistics lack a Gram matrix of the band's width, or
   *     it is not finite
   */
  public static Columns of(Matrix band, LayerStatistics statistics, String stage) {
    int n = band.columns();
    if (statistics == null || statistics.gram() == null) {
      throw new IllegalArgumentException(stage + " needs the Gram matrix of the layer's inputs");
    }
    Matrix gram = statistics.gram();
    if (gram.rows() != n || gram.columns() != n) {
      throw new IllegalArgumentException(
          "Expected a Gram matrix of %d x %d, found %d x %d"
              .formatted(n, n, gram.rows(), gram.columns()));
    }
    int bad = Simd.firstNonFinite(gram.values(), 0, gram.values().length);
    if (bad >= 0) {
      throw new IllegalArgumentException(
          "Found %s in row %d, column %d of the Gram matrix: the layer's inputs are not finite"
              .formatted(gram.values()[bad], bad / n, bad % n));
    }
    return of(gram);
  }

  /** Of a finite matrix. */
  public static Columns of(Matrix gram) {
    int n = gram.rows();
    boolean[] dead = new boolean[n];
    float[] diagonal = new float[n];
    double sum = 0;
    int living = 0;
    for (int i = 0; i < n; i++) {
      diagonal[i] = gram.values()[i * n + i];
      dead[i] = !(diagonal[i] > 0);
      if (!dead[i]) {
        sum += diagonal[i];
        living++;
      }
    }
    if (living == 0) {
      Matrix identity = Matrix.zeros(n, n);
      for (int i = 0; i < n; i++) {
        identity.values()[i * n + i] = 1;
      }
      return of(identity);
    }
    double mean = sum / living;
    for (int i = 0; i < n; i++) {
      diagonal[i] = dead[i] ? (float) mean : diagonal[i];
    }
    return new Columns(gram, dead, diagonal, mean);
  }

  public int size() {
    return diagonal.length;
  }

  /** Number of dead columns. */
  public int deadCount() {
    int count = 0;
    for (boolean column : dead) {
      count += column ? 1 : 0;
    }
    return count;
  }
}
