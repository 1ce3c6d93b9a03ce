package io.tritmill.jobs.gguf.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.gguf.GgufArray;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The merges of a tokenizer.json in their order: which two tokens become one. */
final class StoredMerges {
  /** The letter that stands for a space where bytes are letters. */
  private static final char SPACE = '\u0120';

  /** Real ones have spaces or dashes of some hundred; merging longer ones takes long. */
  private static final int LONGEST = 1024;

  private final Map<Pair, Integer> ranks;
  private final List<Pair> pairs = new ArrayList<>();

  /** Two tokens beside each other. */
  record Pair(String left, String right) {
    String both() {
      return left + right;
    }
  }

  /**
   * Reads them.
   *
   * @throws BadInputException if one is none of two tokens that make a third, or is there twice
   */
  StoredMerges(TokenizerFiles files, StoredTokens tokens) {
    String where = files.where(TokenizerFiles.TOKENIZER);
    JsonNode merges = files.tokenizer().path("model").path("merges");
    if (!merges.isArray()) {
      throw BadInputException.broken("%s: its model has no merges, expected a list", where);
    }
    ranks = HashMap.newHashMap(merges.size());
    for (JsonNode merge : merges) {
      Pair pair = pair(merge);
      if (pair == null
          || tokens.id(pair.left()).isEmpty()
          || tokens.id(pair.right()).isEmpty()
          || tokens.id(pair.both()).isEmpty()) {
        throw BadInputException.broken(
            "%s: merges %s, expected two tokens that make one", where, Printable.of(merge + ""));
      }
      if (ranks.putIfAbsent(pair, pairs.size()) != null) {
        throw BadInputException.broken(
            "%s: merges %s twice, expected every pair once", where, Printable.of(merge + ""));
      }
      pairs.add(pair);
    }
  }

  private static Pair pair(JsonNode merge) {
    if (merge.isTextual()) {
      String[] both = merge.textValue().split(" ", -1);
      return both.length == 2 ? new Pair(both[0], both[1]) : null;
    }
    boolean two = merge.size() == 2 && merge.path(0).isTextual() && merge.path(1).isTextual();
    return two ? new Pair(merge.path(0).textValue(), merge.path(1).textValue()) : null;
  }

  /** All, the first first. */
  List<Pair> pairs() {
    return pairs;
  }

  boolean has(Pair pair) {
    return ranks.containsKey(pair);
  }

  /** As ggml wants them: a space between two tokens that have none. */
  GgufArray spelled() {
    List<Object> spelled =
        pairs.stream()
            .<Object>map(
                pair -> pair.left().replace(' ', SPACE) + " " + pair.right().replace(' ', SPACE))
            .toList();
    return new GgufArray(spelled.size(), spelled);
  }

  /** Whether merges alone lead from the characters of a token to the token. */
  boolean leadTo(String token) {
    return token.length() <= LONGEST && merged(token).equals(List.of(token));
  }

  private List<String> merged(String text) {
    List<String> parts = new ArrayList<>();
    text.codePoints().forEach(c -> parts.add(Character.toString(c)));
    while (true) {
      int best = -1;
      int rank = Integer.MAX_VALUE;
      for (int i = 0; i + 1 < parts.size(); i++) {
        int found = ranks.getOrDefault(new Pair(parts.get(i), parts.get(i + 1)), Integer.MAX_VALUE);
        if (found < rank) {
          best = i;
          rank = found;
        }
      }
      if (best < 0) {
        return parts;
      }
      parts.set(best, parts.get(best) + parts.remove(best + 1));
    }
  }
}
