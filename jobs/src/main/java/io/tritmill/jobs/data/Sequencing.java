package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.tokenizer.Tokenizer;
import java.util.function.Supplier;

/**
 * How documents become the token sequences of one model.
 *
 * @param protocol how documents are cut
 * @param sequenceLength tokens of a sequence, BOS among them, at least 2
 * @param limit documents (protocol documents) or windows (protocol windows) at most, at least 1;
 *     {@link #NO_LIMIT} for all
 * @param vocabulary number of token ids that the model knows
 * @param bosToken id that begins a sequence; -1 when the model has none, and none is put in front
 */
public record Sequencing(
    Protocol protocol, int sequenceLength, int limit, int vocabulary, int bosToken) {
  /** The limit that takes everything. */
  public static final int NO_LIMIT = Integer.MAX_VALUE;

  /**
   * Checks the numbers that users choose.
   *
   * @throws BadInputException if the length or the limit is too small
   * @throws IllegalArgumentException if the vocabulary is empty or BOS lies outside it
   */
  public Sequencing {
    if (sequenceLength < 2) {
      throw BadInputException.usage(
          "Sequence length is %d, expected at least 2: a token and one to predict", sequenceLength);
    }
    if (limit < 1) {
      throw BadInputException.usage("Limit is %d, expected at least 1", limit);
    }
    if (vocabulary < 1 || bosToken < -1 || bosToken >= vocabulary) {
      throw new IllegalArgumentException(
          "BOS %d does not fit a vocabulary of %d".formatted(bosToken, vocabulary));
    }
  }

  /**
   * Reads as many documents as are needed, and cuts them.
   *
   * <p>Documents: each is BOS and its tokens, cut to the sequence length; one with fewer than two
   * tokens gives no sequence and is counted. Token ids in the data are taken as they are, BOS being
   * put in front where it is not there. Windows: texts are joined by a blank line and tokenized as
   * one string, token ids are joined with nothing between.
   *
   * @param tokenizer opens the model's tokenizer; asked only if the data hold texts, and closed
   *     here
   * @throws BadInputException if the data set is empty or broken, gives no sequence, or has token
   *     ids beyond the vocabulary
   */
  public EvaluationSet read(Documents documents, Supplier<Tokenizer> tokenizer) {
    try (EvaluationReader reader = new EvaluationReader(documents, tokenizer, this)) {
      return switch (protocol) {
        case DOCUMENTS -> reader.documents();
        case WINDOWS -> reader.windows();
      };
    }
  }
}
