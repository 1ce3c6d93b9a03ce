package io.tritmill.jobs.gguf.tokenizer;

import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.gguf.GgufArray;
import io.tritmill.jobs.gguf.tokenizer.StoredMerges.Pair;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Scores with which ggml merges pieces as the merges of a tokenizer.json do.
 *
 * <p>ggml merges whatever two neighbours make a piece, the best scored first. That is what merges
 * do that hold every way to cut a piece into two, and have all ways to one piece together: then the
 * rank of the first way serves as a score.
 */
final class PieceScores {
  /** For what no text is merged to. */
  private static final float NONE = -1000;

  private final TokenizerFiles files;
  private final StoredTokens tokens;
  private final StoredMerges merges;
  private final Map<String, List<Integer>> ways = new HashMap<>();

  private PieceScores(TokenizerFiles files, StoredTokens tokens, StoredMerges merges) {
    this.files = files;
    this.tokens = tokens;
    this.merges = merges;
    for (int rank = 0; rank < merges.pairs().size(); rank++) {
      ways.computeIfAbsent(merges.pairs().get(rank).both(), piece -> new ArrayList<>()).add(rank);
    }
  }

  /**
   * The scores by the ids of tokens.
   *
   * @throws io.tritmill.jobs.failure.BadInputException if no scores give what the merges give
   */
  static GgufArray of(TokenizerFiles files, StoredTokens tokens, StoredMerges merges) {
    PieceScores scores = new PieceScores(files, tokens, merges);
    List<Object> all = new ArrayList<>(Collections.nCopies(tokens.size(), NONE));
    for (int id = 0; id < tokens.size(); id++) {
      if (tokens.type(id) == TokenType.NORMAL) {
        all.set(id, scores.score(tokens.text(id)));
      }
    }
    return new GgufArray(all.size(), all);
  }

  private float score(String piece) {
    if (piece.length() > PieceMerges.LONGEST) {
      throw unlike("has a piece of " + piece.length() + " characters, %s", piece);
    }
    for (int cut = 1; cut < piece.length(); cut++) {
      Pair pair = new Pair(piece.substring(0, cut), piece.substring(cut));
      if (isPiece(pair.left()) && isPiece(pair.right()) && !merges.has(pair)) {
        throw unlike("merges no %s and %s to %s", pair.left(), pair.right(), piece);
      }
    }
    List<Integer> ranks = ways.getOrDefault(piece, List.of());
    if (ranks.isEmpty()) {
      return NONE;
    }
    if (ranks.getLast() - ranks.getFirst() != ranks.size() - 1) {
      throw unlike("has merges between those of %s", piece);
    }
    return -ranks.getFirst();
  }

  private boolean isPiece(String text) {
    return tokens.id(text).isPresent();
  }

  private RuntimeException unlike(String found, Object... pieces) {
    for (int i = 0; i < pieces.length; i++) {
      pieces[i] = Printable.of((String) pieces[i], 40);
    }
    return files.unknown(
        "model", found.formatted(pieces), "merges in the order of scores, as SentencePiece has");
  }
}
