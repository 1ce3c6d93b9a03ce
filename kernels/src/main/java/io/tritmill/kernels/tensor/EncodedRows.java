package io.tritmill.kernels.tensor;

/**
 * Weight rows as a checkpoint stores them, decoded on demand.
 *
 * @param rows number of rows
 * @param columns elements of a row
 * @param type how elements lie in bytes; a row is a whole number of its blocks
 * @param bytes (rows, columns) elements
 */
public record EncodedRows(int rows, int columns, Encoding type, byte[] bytes)
    implements WeightRows {
  public EncodedRows {
    long needed = rows * type.bytes(columns);
    if (bytes.length != needed) {
      throw new IllegalArgumentException(
          "%d x %d of %s need %d bytes, found %d"
              .formatted(rows, columns, type, needed, bytes.length));
    }
  }

  @Override
  public void decode(int firstRow, int count, float[] into, int at) {
    int offset = Math.toIntExact(firstRow * type.bytes(columns));
    type.decode(bytes, offset, into, at, count * columns);
  }
}
