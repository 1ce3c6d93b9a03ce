package io.tritmill.jobs.tokenizer;

import io.tritmill.jobs.failure.BadInputException;

/** Token ids that come from outside. */
public final class TokenIds {
  private TokenIds() {}

  /**
   * An id as an int.
   *
   * @throws IllegalArgumentException if no vocabulary is that large
   */
  public static int exact(long id) {
    if (id != (int) id) {
      throw new IllegalArgumentException("%d as a token id".formatted(id));
    }
    return (int) id;
  }

  /**
   * Holds ids against a model's vocabulary.
   *
   * @param place where the ids stand
   * @throws BadInputException if there is one that it has not
   */
  public static int[] require(int[] ids, int vocabulary, String place) {
    for (int id : ids) {
      if (id < 0 || id >= vocabulary) {
        throw BadInputException.broken(
            "%s: has token id %d, but the model's vocabulary has %d ids; is the tokenizer that of"
                + " the model?",
            place, id, vocabulary);
      }
    }
    return ids;
  }
}
