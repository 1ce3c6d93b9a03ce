package io.tritmill.jobs.gguf.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import java.util.Locale;

/** What a tokenizer.json with the pieces of SentencePiece does to a text before it merges them. */
final class StoredPieces {
  private static final String SPACE = "\u2581";

  private final TokenizerFiles files;
  private boolean prefixed;
  private boolean spaced;

  private StoredPieces(TokenizerFiles files) {
    this.files = files;
  }

  /**
   * Whether a space is put in front of a text.
   *
   * @throws BadInputException if something else is done that ggml does not
   */
  static boolean spaceInFront(TokenizerFiles files) {
    StoredPieces pieces = new StoredPieces(files);
    pieces.normalizer(files.tokenizer().path("normalizer"));
    pieces.splitter(files.tokenizer().path("pre_tokenizer"));
    if (!pieces.spaced) {
      throw files.unknown("normalizer", "leaves spaces as they are", SPACE + " for them");
    }
    return pieces.prefixed;
  }

  /**
   * Bytes that no piece has must be tokens: ggml ends where it misses one.
   *
   * @throws BadInputException if one is none
   */
  static void requireBytes(TokenizerFiles files, StoredTokens tokens) {
    for (int value = 0; value < 256; value++) {
      String token = String.format(Locale.ROOT, "<0x%02X>", value);
      if (tokens.id(token).isEmpty()) {
        throw files.unknown("vocabulary", "has no " + token, "a token for every byte");
      }
    }
  }

  private void normalizer(JsonNode part) {
    switch (part.path("type").asText("")) {
      case "" -> {}
      case "Sequence" -> part.path("normalizers").forEach(this::normalizer);
      case "Prepend" -> {
        if (spaced || !part.path("prepend").asText("").equals(SPACE)) {
          throw unknown("normalizer", part);
        }
        prefixed = true;
      }
      case "Replace" -> {
        if (!part.path("pattern").path("String").asText("").equals(" ")
            || !part.path("content").asText("").equals(SPACE)) {
          throw unknown("normalizer", part);
        }
        spaced = true;
      }
      default -> throw unknown("normalizer", part);
    }
  }

  private void splitter(JsonNode part) {
    switch (part.path("type").asText("")) {
      case "" -> {}
      case "Sequence" -> part.path("pretokenizers").forEach(this::splitter);
      case "Metaspace" -> {
        String scheme = part.path("prepend_scheme").asText("always");
        if (!part.path("replacement").asText(SPACE).equals(SPACE)
            || part.path("split").asBoolean(true)
            || spaced && !scheme.equals("never")) {
          throw unknown("pre_tokenizer", part);
        }
        prefixed |= !scheme.equals("never") && part.path("add_prefix_space").asBoolean(true);
        spaced = true;
      }
      case "Split" -> {
        // Where no space is left there is nothing to split at.
        if (!spaced || !part.path("pattern").path("String").asText("").equals(" ")) {
          throw unknown("pre_tokenizer", part);
        }
      }
      default -> throw unknown("pre_tokenizer", part);
    }
  }

  private BadInputException unknown(String name, JsonNode part) {
    return files.unknown(
        name,
        "has the component " + Printable.of(part.toString(), 200),
        "nothing but " + SPACE + " for spaces, and one in front");
  }
}
