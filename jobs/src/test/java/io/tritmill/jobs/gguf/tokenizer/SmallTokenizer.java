package io.tritmill.jobs.gguf.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The files of a tokenizer of a few tokens, to change. */
final class SmallTokenizer {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FOLDER = "there";

  private final Map<String, byte[]> files = new LinkedHashMap<>();
  final ObjectNode json = JSON.createObjectNode();
  final ObjectNode vocabulary;
  final ArrayNode merges;
  final ArrayNode added;

  private SmallTokenizer(boolean pieces) {
    added = json.putArray("added_tokens");
    ObjectNode model = json.putObject("model").put("type", "BPE").put("byte_fallback", pieces);
    vocabulary = model.putObject("vocab");
    merges = model.putArray("merges");
  }

  /** Bytes as letters: a, b, c, ab, abc, and two marks. */
  static SmallTokenizer bytes() {
    SmallTokenizer small = new SmallTokenizer(false);
    small.tokens("a", "b", "c", "ab", "abc").merge("a", "b").merge("ab", "c");
    small.add("<s>", 5, true).add("<t>", 6, false);
    return small.set("pre_tokenizer", "{'type': 'ByteLevel', 'add_prefix_space': false}");
  }

  /** Pieces over all bytes: a, b, a space, and two merges. */
  static SmallTokenizer pieces() {
    SmallTokenizer small = new SmallTokenizer(true);
    small.tokens("<unk>", "<s>", "</s>");
    for (int value = 0; value < 256; value++) {
      small.tokens(String.format(Locale.ROOT, "<0x%02X>", value));
    }
    small.tokens("\u2581", "a", "b", "ab", "\u2581a", "\u2581ab");
    small.merge("\u2581", "a").merge("a", "b").merge("\u2581", "ab").merge("\u2581a", "b");
    small.add("<unk>", 0, true).add("<s>", 1, true).add("</s>", 2, true);
    ((ObjectNode) small.json.get("model")).put("unk_token", "<unk>");
    return small.set(
        "normalizer",
        """
        {'type': 'Sequence', 'normalizers': [
          {'type': 'Prepend', 'prepend': '\u2581'},
          {'type': 'Replace', 'pattern': {'String': ' '}, 'content': '\u2581'}]}
        """);
  }

  /** The tree of a text with single quotes for double ones. */
  static JsonNode tree(String quoted) {
    try {
      return JSON.readTree(quoted.replace('\'', '"'));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  SmallTokenizer set(String key, String quoted) {
    return set(key, tree(quoted));
  }

  SmallTokenizer set(String key, JsonNode value) {
    json.set(key, value);
    return this;
  }

  SmallTokenizer model(String key, Object value) {
    ((ObjectNode) json.get("model")).set(key, JSON.valueToTree(value));
    return this;
  }

  private SmallTokenizer tokens(String... tokens) {
    for (String token : tokens) {
      vocabulary.put(token, vocabulary.size());
    }
    return this;
  }

  SmallTokenizer merge(String left, String right) {
    merges.addArray().add(left).add(right);
    return this;
  }

  SmallTokenizer add(String content, int id, boolean special) {
    added.addObject().put("id", id).put("content", content).put("special", special);
    return this;
  }

  SmallTokenizer file(String name, String content) {
    files.put(name, content.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  SmallTokenizer config(String quoted) {
    return file("tokenizer_config.json", quoted.replace('\'', '"'));
  }

  Map<String, Object> keys(int rows) {
    try {
      files.put("tokenizer.json", JSON.writeValueAsBytes(json));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return StoredTokenizer.keys(FOLDER, files, rows);
  }

  /** Those of nothing but these bytes. */
  static Map<String, Object> keys(byte[] tokenizer) {
    return StoredTokenizer.keys(FOLDER, Map.of("tokenizer.json", tokenizer), 8);
  }

  static List<Object> elements(Map<String, Object> keys, String name) {
    return ((io.tritmill.jobs.gguf.GgufArray) keys.get("tokenizer.ggml." + name)).elements();
  }
}
