package io.tritmill.kernels.tensor;

/**
 * Rows of 8-bit floats ({@link Float8}) with one scale for each block of rows and columns, decoded
 * on demand.
 *
 * @param codes (rows, columns)
 * @param scales (blocks of rows, blocks of columns); the last of either may be smaller
 * @param blockRows rows that share a scale
 * @param blockColumns columns that share a scale
 */
public record Float8Rows(
    int rows, int columns, byte[] codes, float[] scales, int blockRows, int blockColumns)
    implements WeightRows {
  public Float8Rows {
    int blocks =
        Math.multiplyExact(Math.ceilDiv(rows, blockRows), Math.ceilDiv(columns, blockColumns));
    if (codes.length != Math.multiplyExact(rows, columns) || scales.length != blocks) {
      throw new IllegalArgumentException(
          "%d x %d codes in %d blocks, found %d codes and %d scales"
              .formatted(rows, columns, blocks, codes.length, scales.length));
    }
  }

  @Override
  public void decode(int firstRow, int count, float[] into, int at) {
    int perRow = Math.ceilDiv(columns, blockColumns);
    for (int row = firstRow; row < firstRow + count; row++) {
      int from = row * columns;
      int to = at + (row - firstRow) * columns;
      int block = row / blockRows * perRow;
      for (int c = 0; c < columns; c += blockColumns) {
        int some = Math.min(blockColumns, columns - c);
        Float8.decode(codes, from + c, scales[block + c / blockColumns], into, to + c, some);
      }
    }
  }
}
