package io.tritmill.jobs.tensor;

import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Encoding;
import java.util.List;
import java.util.Optional;

/**
 * One matrix of a stacked tensor, in the dress that each of its matrices wears.
 *
 * @param stack the whole tensor, three dimensions
 * @param index which matrix it is
 * @param matrix the dress of the matrix by itself
 * @param together whether all matrices of the stack are kept, so that outputs have the whole
 */
public record StackedMatrix(TensorInfo stack, int index, Dress matrix, boolean together)
    implements Dress {
  private static final long serialVersionUID = 1L;

  /** Whether the matrices of the stack are stored with their inputs first. */
  public boolean inputsFirst() {
    return matrix == Transposed.INPUTS_FIRST;
  }

  @Override
  public DType keptType(String stored) {
    return matrix.keptType(stored);
  }

  @Override
  public Optional<Encoding> encoding(String stored) {
    return matrix.encoding(stored);
  }

  @Override
  public Optional<TensorInfo> companion() {
    return matrix.companion();
  }

  @Override
  public List<TensorInfo> sources() {
    return matrix.sources();
  }

  @Override
  public String facts() {
    return (together ? "\nkept together" : "\none of a stack") + matrix.facts();
  }

  @Override
  public boolean wholeAtOnce() {
    return matrix.wholeAtOnce();
  }

  @Override
  public List<TensorInfo> parts(TensorInfo tensor) {
    return together ? stack.parts() : matrix.parts(tensor);
  }

  @Override
  public long keptBytes(TensorInfo tensor) {
    return together ? stack.keptBytes() / stack.shape().getFirst() : Dress.super.keptBytes(tensor);
  }

  @Override
  public void read(
      TensorInfo tensor, Source stored, long firstByte, byte[] into, int at, int count) {
    matrix.read(tensor, stored, firstByte, into, at, count);
  }
}
