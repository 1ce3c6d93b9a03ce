package io.tritmill.jobs.checkpoint;

/**
 * Puts the rows of heads that lie interleaved into the order of Hugging Face: of a head of {@code 2
 * n} rows those at even places, then those at odd ones.
 *
 * <p>ggml's Llama turns neighbouring rows together, Hugging Face's turns row {@code i} with row
 * {@code i + n}. Rows are moved whole, so that blocks of quantized weights stay as they are.
 *
 * @param headRows rows of a head, even
 * @param rowBytes bytes of a row
 */
record InterleavedRows(long headRows, long rowBytes) {
  /** Stored bytes that are read at once, unless a head has more. */
  private static final long MOST_BYTES = 8 << 20;

  /** Reads stored bytes from a place in the tensor on. */
  @FunctionalInterface
  interface Source {
    void read(long firstByte, byte[] into, int count);
  }

  static InterleavedRows of(TensorInfo tensor) {
    long rows = tensor.shape().getFirst();
    return new InterleavedRows(rows / tensor.interleavedHeads(), tensor.bytes() / rows);
  }

  /**
   * Reads bytes of the rows in order, wherever they begin and end.
   *
   * @param firstByte of the ordered rows
   */
  void read(Source stored, long firstByte, byte[] into, int at, int count) {
    long headBytes = headRows * rowBytes;
    long end = firstByte + count;
    long heads = Math.max(1, MOST_BYTES / headBytes);
    byte[] buffer = new byte[0];
    for (long begin = firstByte / headBytes * headBytes; begin < end; ) {
      long stop = Math.min(begin + heads * headBytes, Math.ceilDiv(end, headBytes) * headBytes);
      int bytes = Math.toIntExact(stop - begin);
      buffer = buffer.length == bytes ? buffer : new byte[bytes];
      stored.read(begin, buffer, bytes);
      long from = Math.max(begin, firstByte);
      while (from < Math.min(stop, end)) {
        long row = from / rowBytes;
        long next = Math.min(Math.min(stop, end), (row + 1) * rowBytes);
        long source = stored(row) * rowBytes + from % rowBytes - begin;
        System.arraycopy(
            buffer, (int) source, into, at + (int) (from - firstByte), (int) (next - from));
        from = next;
      }
      begin = stop;
    }
  }

  /** Where a row lies. */
  private long stored(long row) {
    long head = row / headRows * headRows;
    long within = row - head;
    long half = headRows / 2;
    return head + (within < half ? 2 * within : 2 * (within - half) + 1);
  }
}
