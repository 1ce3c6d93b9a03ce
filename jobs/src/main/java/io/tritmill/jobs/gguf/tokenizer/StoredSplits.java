package io.tritmill.jobs.gguf.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How a tokenizer.json splits a text before bytes are merged, and what ggml calls that. */
final class StoredSplits {
  private static final String PART = "pre_tokenizer";

  private final TokenizerFiles files;
  private final List<String> patterns = new ArrayList<>();
  private boolean bytes;

  private StoredSplits(TokenizerFiles files) {
    this.files = files;
  }

  /**
   * The way that splits alike.
   *
   * @throws BadInputException if ggml knows none
   */
  static GgufPreTokenizer of(TokenizerFiles files, StoredTokens tokens, StoredMerges merges) {
    StoredSplits splits = new StoredSplits(files);
    JsonNode tokenizer = files.tokenizer();
    splits.add(tokenizer.path(PART));
    if (!splits.bytes) {
      throw splits.unknown("has no ByteLevel");
    }
    boolean ignores = tokenizer.path("model").path("ignore_merges").asBoolean(false);
    List<GgufPreTokenizer> found = GgufPreTokenizer.splitting(splits.patterns);
    if (found.isEmpty()) {
      throw splits.unknown(
          "splits by " + Printable.of(String.join(" then ", splits.patterns), 400));
    }
    Optional<GgufPreTokenizer> same =
        found.stream().filter(one -> one.ignoreMerges() == ignores).findFirst();
    // A token that merges lead to is found either way.
    return same.or(() -> found.stream().filter(one -> allMerged(tokens, merges)).findFirst())
        .orElseThrow(
            () ->
                files.unknown(
                    "model",
                    "has ignore_merges " + ignores,
                    "the other with such a " + PART + ", or merges that lead to every token"));
  }

  private static boolean allMerged(StoredTokens tokens, StoredMerges merges) {
    for (int id = 0; id < tokens.size(); id++) {
      if (tokens.type(id) == TokenType.NORMAL && !merges.leadTo(tokens.text(id))) {
        return false;
      }
    }
    return true;
  }

  private void add(JsonNode part) {
    String type = part.path("type").asText("");
    if (bytes) {
      throw unknown("goes on behind ByteLevel with " + Printable.of(type));
    }
    switch (type) {
      case "Sequence" -> part.path("pretokenizers").forEach(this::add);
      case "Split" -> split(part);
      case "Digits" ->
          patterns.add(part.path("individual_digits").asBoolean(false) ? "\\p{N}" : "\\p{N}+");
      case "ByteLevel" -> {
        if (part.path("add_prefix_space").asBoolean(true)) {
          throw unknown("puts a space in front of a text");
        }
        if (part.path("use_regex").asBoolean(true)) {
          patterns.add(PatternSpelling.of(GgufPreTokenizer.WORDS));
        }
        bytes = true;
      }
      default ->
          throw unknown(type.isEmpty() ? "is missing" : "has the component " + Printable.of(type));
    }
  }

  private void split(JsonNode part) {
    String pattern = part.path("pattern").path("Regex").asText("");
    String behavior = part.path("behavior").asText("");
    boolean inverted = part.path("invert").asBoolean(false);
    // What is kept of a text that the pattern takes all of is the same as what it is split into.
    boolean kept =
        behavior.equals("Removed") && inverted && pattern.endsWith("|\\s+") && patterns.isEmpty();
    if (pattern.isEmpty() || !kept && (inverted || !behavior.equals("Isolated"))) {
      throw unknown("has the component " + Printable.of(part.toString(), 200));
    }
    patterns.add(PatternSpelling.of(pattern));
  }

  private BadInputException unknown(String found) {
    return files.unknown(
        PART, found, "ByteLevel behind the patterns of one of " + GgufPreTokenizer.names());
  }
}
