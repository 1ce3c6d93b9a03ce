package io.tritmill.jobs.data;

import java.io.Serializable;
import java.util.List;

/**
 * What a model is evaluated on: token sequences in the order of the data, and where they come from.
 *
 * <p>In every sequence the tokens after the first are predicted, so each has at least two.
 *
 * @param sequences token ids, each sequence at most sequenceLength long; not to be changed
 * @param protocol how the sequences were cut, and how their NLLs are averaged
 * @param sequenceLength tokens of a sequence at most
 * @param documents documents that were read
 * @param documentsWithoutPrediction documents among them that hold nothing to predict (fewer than
 *     two tokens) and gave no sequence; always 0 for windows
 * @param fingerprint what names the data
 */
public record EvaluationSet(
    List<int[]> sequences,
    Protocol protocol,
    int sequenceLength,
    long documents,
    long documentsWithoutPrediction,
    String fingerprint)
    implements Serializable {
  public EvaluationSet {
    sequences = List.copyOf(sequences);
    if (sequences.isEmpty()) {
      throw new IllegalArgumentException("An evaluation set needs a sequence");
    }
    for (int[] sequence : sequences) {
      if (sequence.length < 2 || sequence.length > sequenceLength) {
        throw new IllegalArgumentException(
            "A sequence of %d tokens, expected 2 to %d".formatted(sequence.length, sequenceLength));
      }
    }
  }

  /** Number of tokens that are predicted: all but the first of each sequence. */
  public long predictedTokens() {
    return sequences.stream().mapToLong(sequence -> sequence.length - 1L).sum();
  }
}
