package io.tritmill.jobs.gguf.tokenizer;

/** What ggml takes a token for. */
enum TokenType {
  /** Made of text by merges. */
  NORMAL(1),
  /** Stands for what no other token does. */
  UNKNOWN(2),
  /** Marks something, and is none of the text. */
  CONTROL(3),
  /** Found in a text before anything is merged. */
  USER_DEFINED(4),
  /** A row of the embedding that no text leads to. */
  UNUSED(5),
  /** One byte. */
  BYTE(6);

  private final int number;

  TokenType(int number) {
    this.number = number;
  }

  /** As {@code tokenizer.ggml.token_type} has it. */
  int number() {
    return number;
  }
}
