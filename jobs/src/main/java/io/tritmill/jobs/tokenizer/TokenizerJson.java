package io.tritmill.jobs.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.storage.StrictJson;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A tokenizer.json, rebuilt so that every text is plain text, and of nothing but checked parts.
 *
 * <p>Strings such as {@code <s>} in a text must not become the token of that name. The library can
 * be told so in other languages ({@code encode_special_tokens}), not in this one, so special tokens
 * are taken out of its sight: one that the model's vocabulary holds is removed from the added
 * tokens; of any other the content is replaced by one that no text has, since the library numbers
 * added tokens by their order. Where a text may have special tokens they stay as they are.
 * Truncation, padding, templates and decoders are left out: nothing is cut or put in front but by
 * us, and nothing is decoded.
 *
 * @param json what to give to the library
 * @param longestText the most characters that the library may get at once, or the longest run of
 *     letters or of spaces in them if {@code ofRuns}
 * @param ofRuns whether the limit is one of runs only
 */
record TokenizerJson(byte[] json, long longestText, boolean ofRuns) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String HIDDEN = "\uFFFF\uFFFEspecial token %d\uFFFE\uFFFF";
  private static final int MAX_ADDED = 16_384;

  /**
   * Reads and rebuilds a file.
   *
   * @param file named in messages
   * @throws IllegalArgumentException if the content is no tokenizer; the message says why
   */
  static TokenizerJson parse(String file, byte[] content) {
    return parse(file, content, false);
  }

  /**
   * The same, where special tokens may stay in sight.
   *
   * @param marked whether strings that spell a special token are that token
   */
  static TokenizerJson parse(String file, byte[] content, boolean marked) {
    JsonNode root = StrictJson.tree(file, content);
    if (!(root instanceof ObjectNode fields)) {
      throw new IllegalArgumentException("is no JSON object");
    }
    TokenizerNormalizer normalizer = new TokenizerNormalizer();
    TokenizerSplitter splitter = new TokenizerSplitter();
    Map<String, Long> vocabulary = TokenizerModel.vocabulary(fields.path("model"));
    ObjectNode safe = JSON.createObjectNode().put("version", "1.0");
    requireVersion(fields.path("version"));
    safe.set("model", TokenizerModel.checked(part(file, fields, "model")));
    if (fields.hasNonNull("normalizer")) {
      safe.set("normalizer", normalizer.checked(part(file, fields, "normalizer")));
    }
    if (fields.hasNonNull("pre_tokenizer")) {
      safe.set("pre_tokenizer", splitter.checked(part(file, fields, "pre_tokenizer")));
    }
    safe.set(
        "added_tokens", added(file, fields.path("added_tokens"), vocabulary, normalizer, marked));
    long run = splitter.longestRun();
    long longest = run == TokenizerPattern.ANY_RUN ? run : run / normalizer.growth();
    try {
      return new TokenizerJson(JSON.writeValueAsBytes(safe), longest, !normalizer.reshapes());
    } catch (IOException e) {
      throw new IllegalArgumentException("has half a character in one of its strings", e);
    }
  }

  private static TokenizerPart part(String file, ObjectNode fields, String key) {
    return TokenizerPart.of(file, key, fields.path(key));
  }

  private static void requireVersion(JsonNode version) {
    if (!version.isMissingNode() && !version.asText().equals("1.0")) {
      throw new IllegalArgumentException(
          "is of version %s, expected 1.0".formatted(TokenizerPart.shown(version)));
    }
  }

  private static ArrayNode added(
      String file,
      JsonNode tokens,
      Map<String, Long> vocabulary,
      TokenizerNormalizer normalizer,
      boolean marked) {
    if (tokens.size() > MAX_ADDED) {
      throw new IllegalArgumentException(
          "has %d added tokens, expected at most %d".formatted(tokens.size(), MAX_ADDED));
    }
    ArrayNode kept = JSON.createArrayNode();
    Set<String> seen = new HashSet<>();
    long next = vocabulary.size();
    for (JsonNode entry : tokens) {
      if (!entry.path("content").isTextual() || entry.path("content").textValue().isEmpty()) {
        throw new IllegalArgumentException("has an added token without content");
      }
      String content = TokenizerModel.bounded(entry.path("content").textValue(), "adds");
      TokenizerPart token = TokenizerPart.of(file, "added token " + printable(content), entry);
      if (!seen.add(content)) {
        throw new IllegalArgumentException("adds token %s twice".formatted(printable(content)));
      }
      long id = id(content, entry.path("id"));
      boolean special = token.flag("special");
      ObjectNode safe = checked(token, normalizer, special);
      boolean hidden = special && !marked;
      safe.put("id", id).put("content", hidden ? HIDDEN.formatted(id) : content);
      if (!vocabulary.containsKey(content)) {
        requireNext(content, id, next++);
        kept.add(safe);
      } else if (!hidden) {
        kept.add(safe);
      }
    }
    return kept;
  }

  private static ObjectNode checked(
      TokenizerPart token, TokenizerNormalizer normalizer, boolean special) {
    token.flag("single_word");
    token.flag("lstrip");
    token.flag("rstrip");
    if (special) {
      token.safe().put("normalized", false);
    } else if (token.flag("normalized")
        && normalizer.mayErase(token.fields().path("content").textValue())) {
      // The library would find a token of nothing between the bytes of a character.
      throw token.unsupported("is normalized, and the normalizer may leave nothing of it");
    }
    return token.safe();
  }

  /**
   * The library numbers added tokens from the size of the vocabulary on, whatever the file says.
   */
  private static void requireNext(String content, long id, long next) {
    if (id != next) {
      throw new IllegalArgumentException(
          "gives id %d to the added token %s, expected %d".formatted(id, printable(content), next));
    }
  }

  static long id(String token, JsonNode id) {
    if (id.isIntegralNumber() && id.canConvertToInt() && id.intValue() >= 0) {
      return id.intValue();
    }
    throw new IllegalArgumentException(
        "gives id %s to the token %s, expected a whole number"
            .formatted(TokenizerPart.shown(id), printable(token)));
  }

  static String printable(String token) {
    return Printable.of(token);
  }
}
