package io.tritmill.kernels.model;

import java.io.Serializable;
import java.util.List;

/**
 * A tensor that a model consists of.
 *
 * @param name name in the checkpoint
 * @param part what it is, such as {@code query} or {@code bias}
 * @param ggufName name that GGUF gives it; empty where it has none
 * @param shape (rows, columns) of a matrix, (length) of a vector
 */
public record TensorSpec(String name, String part, String ggufName, List<Integer> shape)
    implements Serializable {
  public TensorSpec {
    shape = List.copyOf(shape);
  }

  /** Whether it is a vector. */
  public boolean vector() {
    return shape.size() == 1;
  }

  /** Rows of a matrix; the length of a vector. */
  public int rows() {
    return shape.getFirst();
  }

  /** Columns of a matrix. */
  public int columns() {
    return shape.get(1);
  }
}
