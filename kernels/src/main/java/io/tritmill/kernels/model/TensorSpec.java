package io.tritmill.kernels.model;

import java.io.Serializable;
import java.util.List;

/**
 * A tensor that a model consists of.
 *
 * @param name name in the checkpoint
 * @param part what it is, such as {@code query} or {@code bias}
 * @param ggufName name that GGUF gives it; empty where it has none
 * @param shape (rows, columns) of a matrix, (length) of a vector, none of a number; of more
 *     dimensions the last one is a matrix's columns, and the others together are its rows
 */
public record TensorSpec(String name, String part, String ggufName, List<Integer> shape)
    implements Serializable {
  public TensorSpec {
    shape = List.copyOf(shape);
  }

  /** Whether it is a vector, or a number. */
  public boolean vector() {
    return shape.size() <= 1;
  }

  /** Rows of a matrix; the length of a vector; 1 of a number. */
  public int rows() {
    int rows = shape.isEmpty() ? 1 : shape.getFirst();
    for (int i = 1; i < shape.size() - 1; i++) {
      rows = Math.multiplyExact(rows, shape.get(i));
    }
    return rows;
  }

  /** Columns of a matrix. */
  public int columns() {
    return shape.getLast();
  }
}
