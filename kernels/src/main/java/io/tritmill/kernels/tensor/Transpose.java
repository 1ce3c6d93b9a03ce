package io.tritmill.kernels.tensor;

import java.util.Objects;

/** Copies with rows and columns exchanged. */
public final class Transpose {
  /** Rows and columns of a piece that is read and written while both lie in the nearest cache. */
  private static final int SIDE = 32;

  private Transpose() {}

  /**
   * {@code into[at + c * intoStride + r] = source[from + r * stride + c]}.
   *
   * @param rows rows of the source
   * @param columns columns of the source
   */
  public static void copy(
      int rows,
      int columns,
      float[] source,
      int from,
      int stride,
      float[] into,
      int at,
      int intoStride) {
    if (rows == 0 || columns == 0) {
      return;
    }
    Objects.checkFromIndexSize(
        from, Math.addExact(Math.multiplyExact(rows - 1, stride), columns), source.length);
    Objects.checkFromIndexSize(
        at, Math.addExact(Math.multiplyExact(columns - 1, intoStride), rows), into.length);
    for (int row = 0; row < rows; row += SIDE) {
      for (int column = 0; column < columns; column += SIDE) {
        int rowEnd = Math.min(rows, row + SIDE);
        int columnEnd = Math.min(columns, column + SIDE);
        for (int c = column; c < columnEnd; c++) {
          int to = at + c * intoStride;
          for (int r = row; r < rowEnd; r++) {
            into[to + r] = source[from + r * stride + c];
          }
        }
      }
    }
  }
}
