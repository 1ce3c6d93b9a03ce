package io.tritmill.jobs.tensor;

/** A dress that gives whole rows; what begins or ends inside a row is cut from them. */
sealed interface ByRows extends Dress
    permits AwqIntegers,
        Changed,
        GptqIntegers,
        JointKeyValues,
        MicroscaledFloat4,
        PackedIntegers,
        PackedTrits,
        ScaledFloat8,
        Ternarized,
        Transposed {
  /** Reads rows {@code [first, first + rows)} into {@code into[at]} and what follows. */
  void rows(TensorInfo tensor, Source stored, long first, int rows, byte[] into, int at);

  @Override
  default void read(
      TensorInfo tensor, Source stored, long firstByte, byte[] into, int at, int count) {
    if (count == 0) {
      return;
    }
    long rowBytes = tensor.rowBytes();
    long first = firstByte / rowBytes;
    int rows = Math.toIntExact(Math.ceilDiv(firstByte + count, rowBytes) - first);
    if (first * rowBytes == firstByte && rows * rowBytes == count) {
      rows(tensor, stored, first, rows, into, at);
    } else {
      byte[] whole = new byte[Math.toIntExact(rows * rowBytes)];
      rows(tensor, stored, first, rows, whole, 0);
      System.arraycopy(whole, (int) (firstByte - first * rowBytes), into, at, count);
    }
  }
}
