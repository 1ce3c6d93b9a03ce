package io.tritmill.jobs.data;

/** A row of a data set: a text, or tokens that someone made of one. */
public sealed interface Document {
  /** A null before anything has told what a data set's documents are. */
  Document UNKNOWN = new Text("");

  /**
   * A text; empty where the data have a null.
   *
   * @param whole whether nothing follows it that was not asked for
   */
  record Text(String text, boolean whole) implements Document {
    /** A whole text. */
    public Text(String text) {
      this(text, true);
    }
  }

  /**
   * A text as token ids; empty where the data have a null.
   *
   * @param ids token ids of the model's tokenizer, not yet held against its vocabulary
   */
  record Tokens(int[] ids) implements Document {}
}
