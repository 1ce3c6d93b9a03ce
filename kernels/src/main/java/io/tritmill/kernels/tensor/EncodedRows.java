package io.tritmill.kernels.tensor;

/**
 * Weight rows as a checkpoint stores them, decoded on demand.
 *
 * @param rows number of rows
 * @param columns elements of a row
 * @param type element type
 * @param bytes (rows, columns) elements, little endian
 */
public record EncodedRows(int rows, int columns, DType type, byte[] bytes) implements WeightRows {
  public EncodedRows {
    if (bytes.length != (long) rows * columns * type.bytes()) {
      throw new IllegalArgumentException(
          "%d x %d of %s need %d bytes, found %d"
              .formatted(rows, columns, type, (long) rows * columns * type.bytes(), bytes.length));
    }
  }

  @Override
  public void decode(int firstRow, int count, float[] into, int at) {
    type.decode(bytes, firstRow * columns * type.bytes(), into, at, count * columns);
  }
}
