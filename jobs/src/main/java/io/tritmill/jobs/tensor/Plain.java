package io.tritmill.jobs.tensor;

import io.tritmill.kernels.tensor.BlockType;
import java.util.List;

/** Rows that lie in order. */
enum Plain implements Dress {
  IN_ORDER;

  @Override
  public List<TensorInfo> parts(TensorInfo tensor) {
    return BlockType.of(tensor.dtype()).isEmpty() ? List.of(tensor) : List.of();
  }

  @Override
  public void read(
      TensorInfo tensor, Source stored, long firstByte, byte[] into, int at, int count) {
    stored.read(tensor, firstByte, into, at, count);
  }
}
