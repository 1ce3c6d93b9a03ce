package io.tritmill.jobs.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The model of a tokenizer.json: its vocabulary, and the fields of the four kinds. */
final class TokenizerModel {
  /** The library walks a token byte by byte, a call within a call. */
  private static final int MAX_TOKEN_BYTES = 1024;

  private static final int MAX_WORD = 1000;
  private static final int MAX_AFFIX = 64;

  private TokenizerModel() {}

  /** Tokens of the model: a map to ids (BPE, WordPiece, WordLevel), or a list (Unigram). */
  static Map<String, Long> vocabulary(JsonNode model) {
    JsonNode vocabulary = model.path("vocab");
    Map<String, Long> ids = HashMap.newHashMap(vocabulary.size());
    if (vocabulary.isArray()) {
      for (JsonNode entry : vocabulary) {
        if (entry.size() != 2 || !entry.path(0).isTextual() || !entry.path(1).isNumber()) {
          throw new IllegalArgumentException(
              "lists %s, expected a token and its score".formatted(TokenizerPart.shown(entry)));
        }
        String token = token(entry.path(0).textValue());
        if (ids.putIfAbsent(token, (long) ids.size()) != null) {
          throw new IllegalArgumentException(
              "lists token %s twice".formatted(TokenizerJson.printable(token)));
        }
      }
      return ids;
    }
    if (!vocabulary.isObject()) {
      throw new IllegalArgumentException("has no model with a vocabulary");
    }
    Set<Long> seen = HashSet.newHashSet(vocabulary.size());
    for (Map.Entry<String, JsonNode> entry : vocabulary.properties()) {
      long id = TokenizerJson.id(entry.getKey(), entry.getValue());
      if (!seen.add(id)) {
        throw new IllegalArgumentException("gives id %d to two tokens".formatted(id));
      }
      ids.put(token(entry.getKey()), id);
    }
    return ids;
  }

  private static String token(String token) {
    return bounded(token, "has");
  }

  /** A token that is not too long for the library. */
  static String bounded(String token, String verb) {
    // Cheap first: almost all are short.
    if (token.length() > MAX_TOKEN_BYTES / 3
        && token.getBytes(StandardCharsets.UTF_8).length > MAX_TOKEN_BYTES) {
      throw new IllegalArgumentException(
          "%s a token of %d characters, expected at most %d bytes"
              .formatted(verb, token.length(), MAX_TOKEN_BYTES));
    }
    return token;
  }

  /** Checks the fields; gives what the library may get. */
  static ObjectNode checked(TokenizerPart part) {
    String type = part.fields().has("type") ? part.text("type", 64) : guessed(part.fields());
    part.safe().put("type", type);
    switch (type) {
      case "BPE" -> pairs(part);
      case "WordPiece" -> {
        part.text("unk_token", MAX_TOKEN_BYTES);
        part.text("continuing_subword_prefix", MAX_AFFIX);
        part.whole("max_input_chars_per_word", 0, MAX_WORD);
      }
      case "WordLevel" -> part.text("unk_token", MAX_TOKEN_BYTES);
      case "Unigram" -> {
        if (part.fields().hasNonNull("unk_id")) {
          part.whole("unk_id", 0, Math.max(0, part.fields().path("vocab").size() - 1));
        }
        part.flag("byte_fallback", false);
      }
      default ->
          throw part.unsupported("is of type %s", TokenizerPart.shown(part.fields().get("type")));
    }
    if (type.equals("Unigram") != part.fields().path("vocab").isArray()) {
      throw part.broken("is of type %s and has the vocabulary of another", type);
    }
    part.safe().set("vocab", part.fields().path("vocab"));
    return part.safe();
  }

  /** Older files do not say it. */
  private static String guessed(ObjectNode model) {
    if (model.has("merges")) {
      return "BPE";
    }
    if (model.path("vocab").isArray()) {
      return "Unigram";
    }
    return model.has("max_input_chars_per_word") ? "WordPiece" : "WordLevel";
  }

  private static void pairs(TokenizerPart part) {
    JsonNode dropout = part.fields().path("dropout");
    if (dropout.isNumber()
        ? dropout.doubleValue() != 0
        : !dropout.isMissingNode() && !dropout.isNull()) {
      throw part.unsupported(
          "has a dropout of %s, with which a text has other ids each time",
          TokenizerPart.shown(dropout));
    }
    part.textOrNull("unk_token", MAX_TOKEN_BYTES);
    String prefix = part.textOrNull("continuing_subword_prefix", MAX_AFFIX);
    part.textOrNull("end_of_word_suffix", MAX_AFFIX);
    for (String flag : List.of("fuse_unk", "byte_fallback", "ignore_merges")) {
      part.flag(flag, false);
    }
    JsonNode merges = part.fields().path("merges");
    if (!merges.isArray()) {
      throw part.broken("has merges %s, expected a list", TokenizerPart.shown(merges));
    }
    for (JsonNode merge : merges) {
      // The library cuts the prefix off without looking.
      String second = second(part, merge);
      if (prefix != null && !second.startsWith(prefix)) {
        throw part.broken(
            "merges %s, whose second part does not begin with the prefix %s",
            TokenizerPart.shown(merge), TokenizerJson.printable(prefix));
      }
    }
    part.safe().set("merges", merges);
  }

  private static String second(TokenizerPart part, JsonNode merge) {
    if (merge.isTextual()) {
      String[] both = merge.textValue().split(" ", -1);
      if (both.length == 2) {
        return both[1];
      }
    } else if (merge.size() == 2 && merge.path(0).isTextual() && merge.path(1).isTextual()) {
      return merge.path(1).textValue();
    }
    throw part.broken("merges %s, expected two tokens", TokenizerPart.shown(merge));
  }
}
