package io.tritmill.jobs.model;

import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.tensor.WeightRows;

/**
 * The tensors of a model, read by one task; not thread-safe.
 *
 * <p>The one place to implement for another storage of weights. All methods throw a {@code
 * BadInputException} where the stored bytes cannot be used.
 */
public interface ModelTensors extends AutoCloseable {
  /** A whole matrix, held as it is stored and decoded on demand. */
  WeightRows matrix(TensorSpec spec);

  /** A whole vector. */
  float[] vector(TensorSpec spec);

  /**
   * Reads a few rows of a matrix that may be too large to hold.
   *
   * @param firstRow the first row
   * @param count rows
   * @param into (count, columns) from 0 on; overwritten
   */
  void rows(TensorSpec spec, int firstRow, int count, float[] into);

  @Override
  void close();
}
