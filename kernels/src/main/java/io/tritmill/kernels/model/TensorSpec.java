package io.tritmill.kernels.model;

import java.util.List;

/**
 * A tensor that a configured model consists of.
 *
 * @param name name in the checkpoint
 * @param role its part
 * @param block index of its block, or {@link #NO_BLOCK}
 * @param bias whether it is the bias of the role's linear module, not its weight
 * @param shape (rows, columns) of a matrix, (length) of a vector
 */
public record TensorSpec(String name, Role role, int block, boolean bias, List<Integer> shape) {
  /** The block of what stands before the first block or after the last. */
  public static final int NO_BLOCK = -1;
}
