package io.tritmill.jobs.data;

/** A row of a data set: a text, or tokens that someone made of one. */
public sealed interface Document {
  /** A text; empty where the data have a null. */
  record Text(String text) implements Document {}

  /**
   * A text as token ids; empty where the data have a null.
   *
   * @param ids token ids of the model's tokenizer, not yet held against its vocabulary
   */
  record Tokens(int[] ids) implements Document {}
}
