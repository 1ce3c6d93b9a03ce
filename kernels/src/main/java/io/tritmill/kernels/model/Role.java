package io.tritmill.kernels.model;

/** The part that a tensor plays in a decoder-only transformer. */
public enum Role {
  EMBEDDING,
  ATTENTION_NORM,
  QUERY,
  KEY,
  VALUE,
  OUTPUT,
  FEED_FORWARD_NORM,
  GATE,
  UP,
  DOWN,
  FINAL_NORM,
  HEAD;

  /**
   * Whether the tensor is the matrix of a linear module inside a block, hence worth compressing.
   */
  public boolean linear() {
    return switch (this) {
      case QUERY, KEY, VALUE, OUTPUT, GATE, UP, DOWN -> true;
      case EMBEDDING, ATTENTION_NORM, FEED_FORWARD_NORM, FINAL_NORM, HEAD -> false;
    };
  }
}
