package io.tritmill.jobs.gguf;

import java.util.List;

/**
 * The value of a key that is an array of numbers in single precision, which tensors of a family
 * hold: each the only element of one.
 *
 * @param tensors their names in the checkpoint
 */
public record TensorNumbers(List<String> tensors) {
  public TensorNumbers {
    tensors = List.copyOf(tensors);
  }
}
