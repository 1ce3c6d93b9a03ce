package io.tritmill.jobs.tensor;

/** Rows that lie in order. */
enum Plain implements Dress {
  IN_ORDER;

  @Override
  public void read(
      TensorInfo tensor, Source stored, long firstByte, byte[] into, int at, int count) {
    stored.read(tensor, firstByte, into, at, count);
  }
}
