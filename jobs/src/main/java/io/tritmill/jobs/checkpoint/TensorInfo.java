package io.tritmill.jobs.checkpoint;

import java.io.Serializable;
import java.util.List;

/**
 * Where a tensor of a checkpoint lies, as its header says.
 *
 * @param name name, unique in the checkpoint
 * @param dtype element type as safetensors spells it
 * @param shape dimensions, outermost first; empty for a scalar
 * @param file URI of the file
 * @param offset of the first byte in the file
 * @param bytes number of bytes
 */
public record TensorInfo(
    String name, String dtype, List<Long> shape, String file, long offset, long bytes)
    implements Serializable {
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
