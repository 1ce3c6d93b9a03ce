package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Operator;

/**
 * Runs operators of one kind. Holds scratch: one thread at a time.
 *
 * @param <T> the kind
 */
interface OperatorPass<T extends Operator> {
  /**
   * Runs an operator over a slab.
   *
   * @param x (tokens, hidden); left as it is
   * @param y (tokens, hidden), another array; overwritten, with anything where it stops
   * @return whether it went through, and did not stop at a site
   */
  boolean run(T operator, Slab slab, float[] x, float[] y);
}
