package io.tritmill.jobs.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A tokenizer.json, changed so that every text is plain text.
 *
 * <p>Strings such as {@code <s>} in a text must not become the token of that name. The library can
 * be told so in other languages ({@code encode_special_tokens}), not in this one, so special tokens
 * are taken out of its sight: one that the model's vocabulary holds is removed from the added
 * tokens; of any other the content is replaced by one that no text has, since the library numbers
 * added tokens by their order. Truncation, padding and templates go as well: nothing is cut or put
 * in front but by us.
 *
 * @param json what to give to the library
 * @param specialIds ids of the special tokens
 */
record TokenizerJson(byte[] json, Set<Long> specialIds) {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
  private static final String HIDDEN = "\uFFFF\uFFFEspecial token %d\uFFFE\uFFFF";

  /**
   * Reads and changes a file.
   *
   * @throws IllegalArgumentException if the content is no tokenizer; the message says why
   */
  static TokenizerJson parse(byte[] content) {
    try {
      if (!(JSON.readTree(content) instanceof ObjectNode root)) {
        throw new IllegalArgumentException("is no JSON object");
      }
      Map<String, Long> vocabulary = vocabulary(root.path("model"));
      Set<Long> special = hideSpecialTokens(root, vocabulary);
      root.putNull("truncation").putNull("padding").putNull("post_processor");
      return new TokenizerJson(JSON.writeValueAsBytes(root), special);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("is no JSON (%s)".formatted(e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new IllegalArgumentException("is no JSON", e);
    }
  }

  /** Tokens of the model: a map to ids (BPE, WordPiece, WordLevel), or a list (Unigram). */
  private static Map<String, Long> vocabulary(JsonNode model) {
    JsonNode vocabulary = model.path("vocab");
    Map<String, Long> ids = HashMap.newHashMap(vocabulary.size());
    if (vocabulary.isArray()) {
      for (JsonNode entry : vocabulary) {
        String token = entry.path(0).asText();
        if (ids.putIfAbsent(token, (long) ids.size()) != null) {
          throw new IllegalArgumentException("lists token %s twice".formatted(printable(token)));
        }
      }
      return ids;
    }
    if (!vocabulary.isObject()) {
      throw new IllegalArgumentException("has no model with a vocabulary");
    }
    Set<Long> seen = HashSet.newHashSet(vocabulary.size());
    for (Map.Entry<String, JsonNode> entry : vocabulary.properties()) {
      long id = id(entry.getKey(), entry.getValue());
      if (!seen.add(id)) {
        throw new IllegalArgumentException("gives id %d to two tokens".formatted(id));
      }
      ids.put(entry.getKey(), id);
    }
    return ids;
  }

  private static Set<Long> hideSpecialTokens(ObjectNode root, Map<String, Long> vocabulary) {
    Set<Long> special = new HashSet<>();
    ArrayNode kept = JSON.createArrayNode();
    long next = vocabulary.size();
    for (JsonNode entry : root.path("added_tokens")) {
      if (!(entry instanceof ObjectNode token) || !token.path("content").isTextual()) {
        throw new IllegalArgumentException("has an added token without content");
      }
      String content = token.path("content").textValue();
      long id = id(content, token.path("id"));
      boolean known = vocabulary.containsKey(content);
      if (token.path("special").asBoolean(false)) {
        special.add(id);
        token.put("content", HIDDEN.formatted(id)).put("normalized", false);
      }
      if (!known) {
        requireNext(content, id, next++);
        kept.add(token);
      } else if (!special.contains(id)) {
        kept.add(token);
      }
    }
    root.set("added_tokens", kept);
    return special;
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

  private static long id(String token, JsonNode id) {
    if (id.isIntegralNumber() && id.canConvertToInt() && id.intValue() >= 0) {
      return id.intValue();
    }
    throw new IllegalArgumentException(
        "gives id %s to the token %s, expected a whole number".formatted(id, printable(token)));
  }

  private static String printable(String token) {
    return token.replaceAll("\\p{Cntrl}", "?");
  }
}
