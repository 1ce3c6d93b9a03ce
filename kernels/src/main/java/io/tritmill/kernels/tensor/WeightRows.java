package io.tritmill.kernels.tensor;

/**
 * The rows of a weight matrix, decoded when they are needed.
 *
 * <p>A weight stays in memory as it is stored (half precision, packed trits); a kernel asks for the
 * few rows that it works on. Implementations are immutable and may be read by several threads.
 */
public interface WeightRows {
  /** Output features. */
  int rows();

  /** Input features. */
  int columns();

  /**
   * Writes rows {@code [firstRow, firstRow + count)} as floats, row-major, from {@code into[at]}
   * on.
   *
   * @throws IndexOutOfBoundsException if the rows or the room for them are not there
   */
  void decode(int firstRow, int count, float[] into, int at);
}
