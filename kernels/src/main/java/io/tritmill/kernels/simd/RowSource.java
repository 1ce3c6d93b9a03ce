package io.tritmill.kernels.simd;

/** Rows of a matrix that a product asks for a few at a time, however they are stored. */
public interface RowSource {
  /** Number of rows. */
  int rows();

  /** Elements of a row. */
  int columns();

  /**
   * Writes rows {@code [firstRow, firstRow + count)} as floats, row-major, from {@code into[at]}
   * on.
   *
   * @throws IndexOutOfBoundsException if the rows or the room for them are not there
   */
  void decode(int firstRow, int count, float[] into, int at);
}
