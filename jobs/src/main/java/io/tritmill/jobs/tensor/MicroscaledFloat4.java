package io.tritmill.jobs.tensor;

import io.tritmill.kernels.tensor.BlockType;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Encoding;
import java.util.List;
import java.util.Optional;

/**
 * Rows of 4-bit floats in blocks of 32 that share a power of two, codes and exponents in two
 * tensors, as GPT-OSS is published. They are read as ggml's MXFP4, which is the same numbers.
 *
 * @param codes (..., rows, blocks, 16) bytes of two neighbours each, the first one low
 * @param exponents (..., rows, blocks) bytes, 127 more than each exponent
 */
record MicroscaledFloat4(TensorInfo codes, TensorInfo exponents) implements ByRows {
  private static final long serialVersionUID = 1L;

  private static final int CODE_BYTES = 16;
  private static final int BLOCK_BYTES = BlockType.MXFP4.blockBytes();

  /**
   * The stacked tensor that the two hold; empty where their shapes do not agree.
   *
   * @param codes (matrices, rows, blocks, 16) bytes, none of the sizes 0
   */
  static Optional<TensorInfo> of(String name, TensorInfo codes, TensorInfo exponents) {
    List<Long> shape = codes.shape();
    return exponents.shape().equals(shape.subList(0, 3))
        ? Optional.of(
            new TensorInfo(
                name,
                BlockType.MXFP4.name(),
                List.of(shape.get(0), shape.get(1), 2 * CODE_BYTES * shape.get(2)),
                codes.file(),
                codes.offset(),
                codes.bytes(),
                new MicroscaledFloat4(codes, exponents)))
        : Optional.empty();
  }

  @Override
  public Dress ofMatrix(TensorInfo stack, int index) {
    return new MicroscaledFloat4(slice(codes, index), slice(exponents, index));
  }

  private static TensorInfo slice(TensorInfo stack, int index) {
    long bytes = stack.bytes() / stack.shape().getFirst();
    return new TensorInfo(
        stack.name(),
        stack.dtype(),
        stack.shape().subList(1, stack.shape().size()),
        stack.file(),
        stack.offset() + index * bytes,
        bytes);
  }

  @Override
  public Optional<Encoding> encoding(String stored) {
    return Optional.of(BlockType.MXFP4);
  }

  /** Every one of its numbers is one of this type too, but for the smallest powers of two. */
  @Override
  public DType keptType(String stored) {
    return DType.BF16;
  }

  @Override
  public Optional<TensorInfo> companion() {
    return Optional.of(exponents);
  }

  /** Of the stacked tensor; one of its matrices is no tensor of the file. */
  @Override
  public List<TensorInfo> parts(TensorInfo tensor) {
    return tensor.shape().size() == 3 ? List.of(codes, exponents) : List.of();
  }

  @Override
  public void rows(TensorInfo tensor, Source stored, long first, int rows, byte[] into, int at) {
    long perRow = tensor.columns() / (2 * CODE_BYTES);
    int blocks = Math.toIntExact(rows * perRow);
    byte[] pairs = new byte[Math.multiplyExact(blocks, CODE_BYTES)];
    byte[] powers = new byte[blocks];
    stored.read(codes, first * perRow * CODE_BYTES, pairs, 0, pairs.length);
    stored.read(exponents, first * perRow, powers, 0, blocks);
    for (int block = 0; block < blocks; block++) {
      int to = at + block * BLOCK_BYTES;
      into[to] = powers[block];
      // What was byte i / 2 has element i; ggml's byte i has elements i and i + 16.
      for (int i = 0; i < CODE_BYTES; i++) {
        int shift = i % 2 * 4;
        int low = pairs[block * CODE_BYTES + i / 2] >> shift & 15;
        int high = pairs[block * CODE_BYTES + CODE_BYTES / 2 + i / 2] >> shift & 15;
        into[to + 1 + i] = (byte) (low | high << 4);
      }
    }
  }
}
