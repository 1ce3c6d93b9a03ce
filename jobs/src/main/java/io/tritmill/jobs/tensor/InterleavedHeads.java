package io.tritmill.jobs.tensor;

/**
 * Rows of heads that lie interleaved: of a head of {@code 2 n} rows those at even places come
 * first, then those at odd ones.
 *
 * <p>ggml's Llama turns neighbouring rows together, Hugging Face's turns row {@code i} with row
 * {@code i + n}. Rows are moved whole, so that blocks of quantized weights stay as they are.
 *
 * @param heads how many there are, each of an even number of rows
 */
record InterleavedHeads(int heads) implements Dress {
  private static final long serialVersionUID = 1L;

  /** Stored bytes that are read at once, unless a head has more. */
  private static final long MOST_BYTES = 8 << 20;

  @Override
  public void read(
      TensorInfo tensor, Source stored, long firstByte, byte[] into, int at, int count) {
    long headRows = tensor.shape().getFirst() / heads;
    long rowBytes = tensor.readBytes() / tensor.shape().getFirst(); // of a bias, one number
    long headBytes = headRows * rowBytes;
    long end = firstByte + count;
    long most = Math.max(1, MOST_BYTES / headBytes);
    byte[] buffer = new byte[0];
    for (long begin = firstByte / headBytes * headBytes; begin < end; ) {
      long stop = Math.min(begin + most * headBytes, Math.ceilDiv(end, headBytes) * headBytes);
      int bytes = Math.toIntExact(stop - begin);
      buffer = buffer.length == bytes ? buffer : new byte[bytes];
      stored.read(tensor, begin, buffer, 0, bytes);
      long from = Math.max(begin, firstByte);
      while (from < Math.min(stop, end)) {
        long row = from / rowBytes;
        long next = Math.min(Math.min(stop, end), (row + 1) * rowBytes);
        long source = stored(row, headRows) * rowBytes + from % rowBytes - begin;
        System.arraycopy(
            buffer, (int) source, into, at + (int) (from - firstByte), (int) (next - from));
        from = next;
      }
      begin = stop;
    }
  }

  /** Where a row lies. */
  private static long stored(long row, long headRows) {
    long head = row / headRows * headRows;
    long within = row - head;
    long half = headRows / 2;
    return head + (within < half ? 2 * within : 2 * (within - half) + 1);
  }
}
