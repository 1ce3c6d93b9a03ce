package io.tritmill.jobs.gguf;

import java.util.List;

/**
 * A tensor of a family as its checkpoint names it.
 *
 * @param shape outermost dimension first; of stacked matrices each has its outputs as rows
 */
public record FamilyTensor(String name, List<Long> shape) {
  public FamilyTensor {
    shape = List.copyOf(shape);
  }

  /** Number of elements. */
  public long elements() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  /** Elements of a row: the last dimension; 1 of a number. */
  public long columns() {
    return shape.isEmpty() ? 1 : shape.getLast();
  }

  /** Rows of all matrices together; 1 of a vector or a number. */
  public long rows() {
    return shape.stream().limit(Math.max(0, shape.size() - 1)).reduce(1L, Math::multiplyExact);
  }
}
