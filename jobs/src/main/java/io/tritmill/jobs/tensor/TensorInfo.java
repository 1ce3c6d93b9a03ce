package io.tritmill.jobs.tensor;

import io.tritmill.kernels.tensor.BlockType;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Encoding;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * Where a tensor of a checkpoint lies, as its header says, and in which dress.
 *
 * @param name name, unique in the checkpoint
 * @param dtype stored element type as safetensors spells it, or type of its blocks as ggml does
 * @param shape dimensions, outermost first; empty for a scalar
 * @param file URI of the file
 * @param offset of the first byte in the file
 * @param bytes number of stored bytes
 * @param dress how the stored bytes become rows
 */
public record TensorInfo(
    String name, String dtype, List<Long> shape, String file, long offset, long bytes, Dress dress)
    implements Serializable {
  /** A tensor whose rows lie in order. */
  public TensorInfo(
      String name, String dtype, List<Long> shape, String file, long offset, long bytes) {
    this(name, dtype, shape, file, offset, bytes, Dress.plain());
  }

  /** How the weights of rows lie in the bytes that are read; empty where these hold no weights. */
  public Optional<Encoding> encoding() {
    return Encoding.of(dtype);
  }

  /** Bytes of a row as it is read; 0 where there is no row. */
  public long rowBytes() {
    return encoding()
        .map(type -> type.bytes(columns()))
        .orElseGet(() -> rows() == 0 ? 0 : bytes / rows());
  }

  /** Whether a safetensors file could hold its very bytes. */
  public boolean plain() {
    return dress.equals(Dress.plain()) && BlockType.of(dtype).isEmpty();
  }

  /**
   * The type that it has in a file of ours that keeps it: its own, or half precision in place of
   * blocks.
   */
  public String keptType() {
    return BlockType.of(dtype).isEmpty() ? dtype : DType.F16.name();
  }

  /** Bytes that it has in a file of ours that keeps it. */
  public long keptBytes() {
    return BlockType.of(dtype).isEmpty() ? bytes : DType.F16.bytes(elements());
  }

  /** Number of elements. */
  public long elements() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  /** Elements of a row: the last dimension; 1 for a scalar. */
  public long columns() {
    return shape.isEmpty() ? 1 : shape.getLast();
  }

  /** Number of rows: the product of all dimensions but the last; 1 for a vector or a scalar. */
  public long rows() {
    return shape.stream().limit(Math.max(0, shape.size() - 1)).reduce(1L, Math::multiplyExact);
  }
}
