package io.tritmill.kernels.tensor;

import java.util.Arrays;

/**
 * A dense matrix of floats in row-major order.
 *
 * <p>The array is not copied: a matrix is a view of its caller's array, {@code values[r * columns +
 * c]}.
 *
 * @param rows number of rows, at least 0
 * @param columns number of columns, at least 1
 * @param values (rows, columns)
 */
public record Matrix(int rows, int columns, float[] values) implements WeightRows {
  public Matrix {
    if (rows < 0 || columns < 1 || values.length != Math.multiplyExact(rows, columns)) {
      throw new IllegalArgumentException(
          "A matrix of %d x %d needs %d values, found %d"
              .formatted(rows, columns, (long) rows * columns, values.length));
    }
  }

  /** Zeros. */
  public static Matrix zeros(int rows, int columns) {
    return new Matrix(rows, columns, new float[Math.multiplyExact(rows, columns)]);
  }

  /** A copy of the rows {@code [firstRow, firstRow + count)}. */
  public Matrix band(int firstRow, int count) {
    return new Matrix(
        count,
        columns,
        Arrays.copyOfRange(values, firstRow * columns, (firstRow + count) * columns));
  }

  @Override
  public void decode(int firstRow, int count, float[] into, int at) {
    System.arraycopy(values, firstRow * columns, into, at, count * columns);
  }
}
