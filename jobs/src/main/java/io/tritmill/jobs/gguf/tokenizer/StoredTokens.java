package io.tritmill.jobs.gguf.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.gguf.GgufArray;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The tokens of a checkpoint by their ids, each with what ggml takes it for. */
final class StoredTokens {
  private static final Pattern BYTE = Pattern.compile("<0x[0-9A-F]{2}>");

  private final TokenizerFiles files;
  private final boolean pieces;
  private final String unknown;
  private final String[] texts;
  private final TokenType[] types;
  private final Map<String, Integer> ids = new HashMap<>();
  private final Set<String> added = new HashSet<>();
  private final CharsetEncoder utf8 = StandardCharsets.UTF_8.newEncoder();

  /**
   * Reads them.
   *
   * @param rows of the embedding: as many ids there are
   * @param pieces whether the vocabulary is one of SentencePiece
   * @throws BadInputException if the files contradict each other, or an id is none of a row
   */
  StoredTokens(TokenizerFiles files, int rows, boolean pieces) {
    this.files = files;
    this.pieces = pieces;
    texts = new String[rows];
    types = new TokenType[rows];
    JsonNode tokenizer = files.tokenizer();
    unknown = tokenizer.path("model").path("unk_token").asText("");
    JsonNode vocabulary = tokenizer.path("model").path("vocab");
    if (!vocabulary.isObject()) {
      throw BadInputException.broken(
          "%s: its model has no vocab, expected tokens with their ids",
          files.where(TokenizerFiles.TOKENIZER));
    }
    vocabulary
        .properties()
        .forEach(
            entry ->
                put(TokenizerFiles.TOKENIZER, entry.getKey(), entry.getValue(), normal(entry)));
    for (JsonNode token : tokenizer.path("added_tokens")) {
      add(TokenizerFiles.TOKENIZER, token.path("content"), token.path("id"), token, false);
    }
    addOthers();
    pad();
  }

  private TokenType normal(Map.Entry<String, JsonNode> entry) {
    if (!pieces) {
      return TokenType.NORMAL;
    }
    if (entry.getKey().equals(unknown)) {
      return TokenType.UNKNOWN;
    }
    return BYTE.matcher(entry.getKey()).matches() ? TokenType.BYTE : TokenType.NORMAL;
  }

  /** What older versions of transformers keep beside tokenizer.json. */
  private void addOthers() {
    files
        .tree(TokenizerFiles.CONFIG)
        .path("added_tokens_decoder")
        .properties()
        .forEach(
            entry ->
                add(
                    TokenizerFiles.CONFIG,
                    entry.getValue().path("content"),
                    idOf(entry.getKey()),
                    entry.getValue(),
                    true));
    files
        .tree("added_tokens.json")
        .properties()
        .forEach(
            entry ->
                add(
                    "added_tokens.json",
                    TextNode.valueOf(entry.getKey()),
                    entry.getValue(),
                    entry.getValue(),
                    true));
  }

  private static JsonNode idOf(String name) {
    return name.matches("[0-9]{1,9}")
        ? IntNode.valueOf(Integer.parseInt(name))
        : TextNode.valueOf(name);
  }

  /** One that stands beside the vocabulary, and may be in it too. */
  private void add(String file, JsonNode content, JsonNode id, JsonNode token, boolean again) {
    if (!content.isTextual() || content.textValue().isEmpty()) {
      throw BadInputException.broken(
          "%s: adds a token without content, expected a text", files.where(file));
    }
    String text = content.textValue();
    if (!added.add(text)) {
      if (!again) {
        throw BadInputException.broken(
            "%s: adds token %s twice, expected every token once",
            files.where(file), Printable.of(text));
      }
      requireSame(file, text, number(file, text, id));
      return;
    }
    put(file, text, id, type(text, token.path("special").asBoolean(false)));
  }

  private TokenType type(String text, boolean special) {
    if (pieces && text.equals(unknown)) {
      return TokenType.UNKNOWN;
    }
    return special || looksSpecial(text) ? TokenType.CONTROL : TokenType.USER_DEFINED;
  }

  /** Published files call some tokens plain that mark something, and ggml takes them for that. */
  private static boolean looksSpecial(String text) {
    return text.startsWith("<|") && text.endsWith("|>")
        || text.startsWith("<\uff5c") && text.endsWith("\uff5c>")
        || text.startsWith("<unused") && text.endsWith(">")
        || List.of("<pad>", "<mask>", "<2mass>", "[@BOS@]").contains(text);
  }

  private void put(String file, String text, JsonNode given, TokenType type) {
    int id = number(file, text, given);
    if (!utf8.canEncode(text)) {
      throw BadInputException.broken(
          "%s: has half a character in the token %s of id %d, expected a text that UTF-8 can spell",
          files.where(file), Printable.of(text), id);
    }
    if (ids.putIfAbsent(text, id) != null) {
      requireSame(file, text, id);
    } else if (texts[id] != null) {
      throw BadInputException.broken(
          "%s: gives id %d to %s, which is that of %s, expected an id for each",
          files.where(file), id, Printable.of(text), Printable.of(texts[id]));
    }
    texts[id] = text;
    types[id] = type;
  }

  private void requireSame(String file, String text, int id) {
    if (ids.get(text) != id) {
      throw BadInputException.broken(
          "%s: gives id %d to token %s, which has %d already, expected one id",
          files.where(file), id, Printable.of(text), ids.get(text));
    }
  }

  private int number(String file, String text, JsonNode id) {
    if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
      throw BadInputException.broken(
          "%s: gives id %s to the token %s, expected a whole number",
          files.where(file), Printable.of(id.toString()), Printable.of(text));
    }
    if (id.intValue() >= texts.length) {
      throw BadInputException.broken(
          "%s: gives id %d to the token %s, but the embedding has %d rows, expected an id below"
              + " that; does the tokenizer belong to the model?",
          files.where(file), id.intValue(), Printable.of(text), texts.length);
    }
    return id.intValue();
  }

  /** Rows that no token has get names that none has: ggml ends where it meets one twice. */
  private void pad() {
    for (int id = 0; id < texts.length; id++) {
      if (texts[id] == null) {
        String name = "[PAD" + id + "]";
        while (ids.containsKey(name)) {
          name = "[" + name + "]";
        }
        texts[id] = name;
        types[id] = TokenType.UNUSED;
      }
    }
  }

  /** How many there are, paddings too. */
  int size() {
    return texts.length;
  }

  /** The id of a token as the checkpoint spells it; nothing spelled names none. */
  Optional<Integer> id(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.ofNullable(ids.get(text));
  }

  String text(int id) {
    return texts[id];
  }

  TokenType type(int id) {
    return types[id];
  }

  /**
   * All as ggml wants them: it looks for what users define in the text as it was, before its spaces
   * become what pieces have for them.
   */
  GgufArray spelled() {
    List<Object> spelled = new ArrayList<>(Arrays.asList((Object[]) texts));
    for (int id = 0; pieces && id < texts.length; id++) {
      String text = texts[id].replace('\u2581', ' ');
      if (types[id] == TokenType.USER_DEFINED && !ids.containsKey(text)) {
        spelled.set(id, text);
      }
    }
    return new GgufArray(spelled.size(), spelled);
  }

  GgufArray types() {
    List<Object> numbers = Arrays.stream(types).<Object>map(TokenType::number).toList();
    return new GgufArray(numbers.size(), numbers);
  }
}
