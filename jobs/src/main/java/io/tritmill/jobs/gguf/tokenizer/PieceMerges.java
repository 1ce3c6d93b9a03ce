package io.tritmill.jobs.gguf.tokenizer;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The merges of a vocabulary of SentencePiece: every pair of pieces that is a piece, the best
 * scored first, as transformers makes them.
 */
final class PieceMerges {
  /** SentencePiece makes pieces of 16 characters; trying all ways to cut longer ones takes long. */
  static final int LONGEST = 128;

  private PieceMerges() {}

  /** Two pieces and the score of what they make. */
  private record Merge(String left, String right, float score) {}

  /**
   * The merges in order, each as two pieces: pieces may have spaces.
   *
   * @param file for messages
   * @param pieces by id; null for a token that no text is merged to
   * @param scores of each
   */
  static List<List<String>> of(String file, List<String> pieces, List<Float> scores) {
    Set<String> known = new HashSet<>(pieces);
    List<Merge> merges = new ArrayList<>();
    for (int id = 0; id < pieces.size(); id++) {
      String piece = pieces.get(id);
      if (piece == null) {
        continue;
      }
      if (piece.length() > LONGEST) {
        throw BadInputException.unsupported(
            "%s: has the piece %s of %d characters, expected at most %d",
            file, Printable.of(piece, 40), piece.length(), LONGEST);
      }
      for (int cut = 1; cut < piece.length(); cut++) {
        String left = piece.substring(0, cut);
        String right = piece.substring(cut);
        if (!Character.isLowSurrogate(piece.charAt(cut))
            && known.contains(left)
            && known.contains(right)) {
          merges.add(new Merge(left, right, scores.get(id)));
        }
      }
    }
    return merges.stream()
        .sorted(Comparator.comparingDouble(merge -> -merge.score()))
        .map(merge -> List.of(merge.left(), merge.right()))
        .toList();
  }
}
