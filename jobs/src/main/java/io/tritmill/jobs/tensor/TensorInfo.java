package io.tritmill.jobs.tensor;

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
  public TensorInfo {
    shape = List.copyOf(shape); // a part of another list does not travel
  }

  /** A tensor whose rows lie in order. */
  public TensorInfo(
      String name, String dtype, List<Long> shape, String file, long offset, long bytes) {
    this(name, dtype, shape, file, offset, bytes, Dress.plain());
  }

  /** How the weights of rows lie in the bytes that are read; empty where these hold no weights. */
  public Optional<Encoding> encoding() {
    return dress.encoding(dtype);
  }

  /** Bytes of a row as it is read; 0 where there is no row. */
  public long rowBytes() {
    return encoding()
        .map(type -> type.bytes(columns()))
        .orElseGet(() -> rows() == 0 ? 0 : bytes / rows());
  }

  /** Bytes of all rows as they are read. */
  public long readBytes() {
    return encoding().isPresent() ? Math.multiplyExact(rows(), rowBytes()) : bytes;
  }

  /** Bytes of the whole matrix in memory, see {@link TensorReader#held}. */
  public long heldBytes() {
    return dress.heldBytes(this);
  }

  /** Stored bytes, those of its scales counted. */
  public long storedBytes() {
    return bytes + dress.companion().map(TensorInfo::bytes).orElse(0L);
  }

  /** The stored tensor, as if its bytes were rows. */
  TensorInfo undressed() {
    return new TensorInfo(name, dtype, shape, file, offset, bytes);
  }

  /** The same tensor in a dress. */
  public TensorInfo in(Dress other) {
    return new TensorInfo(name, dtype, shape, file, offset, bytes, other);
  }

  /**
   * The tensors of a safetensors file that hold its very bytes, which a file of ours that keeps it
   * has as they are; empty where there are none, so that it has the rows as {@link #keptType}.
   */
  public List<TensorInfo> parts() {
    return dress.parts(this);
  }

  /** The same tensor where all matrices of the stack that it is of are kept. */
  public TensorInfo together() {
    return dress instanceof StackedMatrix(TensorInfo stack, int index, Dress matrix, boolean any)
        ? in(new StackedMatrix(stack, index, matrix, true))
        : this;
  }

  /** The stacked tensor that is kept as a whole and has its inputs first, of which it is one. */
  public Optional<String> inputsFirst() {
    return dress instanceof StackedMatrix matrix && matrix.together() && matrix.inputsFirst()
        ? Optional.of(matrix.stack().name())
        : Optional.empty();
  }

  /** The type of weights in a file of ours that keeps rows of them. */
  public DType keptType() {
    return dress.keptType(dtype);
  }

  /** Bytes that it has in a file of ours that keeps it. */
  public long keptBytes() {
    return dress.keptBytes(this);
  }

  /** Number of elements. */
  public long elements() {
    return product(shape.size());
  }

  /** Elements of a row: the last dimension; 1 for a scalar. */
  public long columns() {
    return shape.isEmpty() ? 1 : shape.getLast();
  }

  /** Number of rows: the product of all dimensions but the last; 1 for a vector or a scalar. */
  public long rows() {
    return product(shape.size() - 1);
  }

  private long product(int dimensions) {
    long product = 1;
    for (int i = 0; i < dimensions; i++) {
      product = Math.multiplyExact(product, (long) shape.get(i));
    }
    return product;
  }
}
