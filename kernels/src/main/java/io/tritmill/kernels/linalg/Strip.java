package io.tritmill.kernels.linalg;

import io.tritmill.kernels.tensor.Matrix;
import java.io.Serializable;

/**
 * Neighbouring columns of a matrix of sums: what is stored, sent and merged at a time.
 *
 * @param first the first column
 * @param columns number of columns
 * @param rows number of rows, counted from the first row of the matrix
 * @param values (rows, columns); not copied
 */
public record Strip(int first, int columns, int rows, double[] values) implements Serializable {
  public Strip {
    if (first < 0 || columns < 1 || rows < 1 || values.length != (long) rows * columns) {
      throw new IllegalArgumentException(
          "A strip of %d x %d from column %d on has %d values"
              .formatted(rows, columns, first, values.length));
    }
  }

  /**
   * Adds another strip of the same place to this one.
   *
   * <p>Sums of more than two strips have the same bits wherever they are made if strips are added
   * along a tree that is fixed in advance, for instance over the numbers of their chunks.
   */
  public void add(Strip other) {
    if (other.first != first || other.columns != columns || other.rows != rows) {
      throw new IllegalArgumentException(
          "Strip %d + %d x %d cannot take strip %d + %d x %d"
              .formatted(first, columns, rows, other.first, other.columns, other.rows));
    }
    for (int i = 0; i < values.length; i++) {
      values[i] += other.values[i];
    }
  }

  /**
   * Writes this strip, times a factor and rounded to float, to its place in a matrix.
   *
   * @throws IllegalArgumentException if the strip reaches beyond the matrix
   */
  public void copyTo(Matrix matrix, double factor) {
    requireWithin(matrix);
    for (int row = 0; row < rows; row++) {
      int at = row * matrix.columns() + first;
      for (int j = 0; j < columns; j++) {
        matrix.values()[at + j] = (float) (values[row * columns + j] * factor);
      }
    }
  }

  /**
   * Writes this strip of a {@link Gram} matrix, times a factor and rounded to float, to both halves
   * of a matrix.
   *
   * @throws IllegalArgumentException if the strip reaches beyond the matrix
   */
  public void mirrorTo(Matrix matrix, double factor) {
    requireWithin(matrix);
    // A few rows at a time, so that what is written to the lower half lies together too.
    for (int row = 0; row < rows; row += 16) {
      mirrorTo(matrix, row, Math.min(rows, row + 16), factor);
    }
  }

  private void mirrorTo(Matrix matrix, int firstRow, int endRow, double factor) {
    float[] h = matrix.values();
    int k = matrix.columns();
    for (int j = 0; j < columns; j++) {
      int column = first + j;
      for (int row = firstRow; row < Math.min(endRow, column + 1); row++) {
        float value = (float) (values[row * columns + j] * factor);
        h[row * k + column] = value;
        h[column * k + row] = value;
      }
    }
  }

  private void requireWithin(Matrix matrix) {
    if (rows > matrix.rows() || first + columns > matrix.columns()) {
      throw new IllegalArgumentException(
          "A strip of %d x %d from column %d on in a matrix of %d x %d"
              .formatted(rows, columns, first, matrix.rows(), matrix.columns()));
    }
  }
}
