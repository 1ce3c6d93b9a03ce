package io.tritmill.kernels.tensor;

/**
 * Rows of trits, four to a byte, with one scale, decoded on demand: a byte's lowest two bits are a
 * trit of the first quarter of the rows, the next two of the second, and so on; a code is one more
 * than its trit.
 *
 * @param rows a multiple of four
 * @param bytes (rows / 4, columns), of codes 0 to 2
 * @param scale what a trit is multiplied by
 */
public record QuarterRows(int rows, int columns, byte[] bytes, float scale) implements WeightRows {
  private static final int PER_BYTE = 4;

  public QuarterRows {
    if (rows % PER_BYTE != 0 || bytes.length != Math.multiplyExact(rows / PER_BYTE, columns)) {
      throw new IllegalArgumentException(
          "%d x %d trits, four to a byte, found %d bytes".formatted(rows, columns, bytes.length));
    }
  }

  @Override
  public void decode(int firstRow, int count, float[] into, int at) {
    float[] values = {-scale, 0, scale, Float.NaN};
    int byteRows = rows / PER_BYTE;
    for (int row = firstRow; row < firstRow + count; row++) {
      int from = row % byteRows * columns;
      int shift = 2 * (row / byteRows);
      int to = at + (row - firstRow) * columns;
      for (int c = 0; c < columns; c++) {
        into[to + c] = values[bytes[from + c] >> shift & 3];
      }
    }
  }
}
