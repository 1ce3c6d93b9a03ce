package io.tritmill.jobs.tensor;

/**
 * A matrix that is stored with its inputs first: what is a row to us lies there as a column.
 *
 * <p>Any rows take a pass over the whole matrix, so that it is better read at once.
 */
enum Transposed implements ByRows {
  INPUTS_FIRST;

  /** Stored bytes that are read at once, unless a stored row has more. */
  private static final long MOST_BYTES = 8 << 20;

  /** Rows and columns that are turned together, so that both sides stay in the nearest cache. */
  private static final int TILE = 64;

  @Override
  public boolean wholeAtOnce() {
    return true;
  }

  @Override
  public void rows(TensorInfo tensor, Source stored, long first, int rows, byte[] into, int at) {
    int columns = Math.toIntExact(tensor.columns());
    int width = Math.toIntExact(tensor.rowBytes() / columns);
    int storedRow = Math.toIntExact(tensor.rows() * width);
    int most = (int) Math.max(1, MOST_BYTES / storedRow);
    byte[] buffer = new byte[Math.multiplyExact(Math.min(most, columns), storedRow)];
    for (int begin = 0; begin < columns; begin += most) {
      int some = Math.min(most, columns - begin);
      stored.read(tensor, (long) begin * storedRow, buffer, 0, some * storedRow);
      for (int c = 0; c < some; c += TILE) {
        for (int r = 0; r < rows; r += TILE) {
          int from = c * storedRow + (int) (first + r) * width;
          int to = at + (r * columns + begin + c) * width;
          int tileRows = Math.min(TILE, rows - r);
          int tileColumns = Math.min(TILE, some - c);
          tile(buffer, from, storedRow, into, to, columns * width, tileRows, tileColumns, width);
        }
      }
    }
  }

  private static void tile(
      byte[] from,
      int source,
      int sourceStep,
      byte[] into,
      int target,
      int targetStep,
      int rows,
      int columns,
      int width) {
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        int s = source + c * sourceStep + r * width;
        int t = target + r * targetStep + c * width;
        for (int b = 0; b < width; b++) {
          into[t + b] = from[s + b];
        }
      }
    }
  }
}
