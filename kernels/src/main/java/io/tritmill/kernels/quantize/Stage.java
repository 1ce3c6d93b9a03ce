package io.tritmill.kernels.quantize;

import java.io.Serializable;

/**
 * A step that wraps another method: it prepares the weights or the inputs that the other sees, or
 * makes its result better.
 *
 * <p>An implementation is a record, as a {@link Quantizer} is. In a recipe stages stand left to
 * right, from the outermost to the quantizer that rounds: {@code [{comq: {}}, {gptq: {}}, {ptqtp:
 * {}}]} is {@code comq.around(gptq.around(ptqtp))}.
 */
public interface Stage extends Serializable {
  /**
   * The method that this step and the one to its right make together.
   *
   * @throws IllegalArgumentException if they do not go together; the message says why
   */
  Quantizer around(Quantizer next);

  /** Whether this step must stand first, because it changes what all others are told. */
  default boolean outermost() {
    return false;
  }
}
