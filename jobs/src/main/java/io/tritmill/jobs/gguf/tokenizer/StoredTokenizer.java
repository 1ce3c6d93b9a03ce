package io.tritmill.jobs.gguf.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The tokenizer of a checkpoint as the keys of a GGUF file.
 *
 * <p>Of two kinds: BPE of bytes as letters ({@code gpt2}), and BPE of SentencePiece's pieces
 * ({@code llama}). What ggml cannot be told and does without in the files that llama.cpp itself
 * makes is left out: that Unicode is composed (NFC), and that an added token takes the spaces
 * beside it. All else that it does not know is refused.
 */
public final class StoredTokenizer {
  private final TokenizerFiles files;
  private final JsonNode model;
  private final Map<String, Object> keys = new LinkedHashMap<>();

  private StoredTokenizer(TokenizerFiles files) {
    this.files = files;
    model = files.tokenizer().path("model");
  }

  /**
   * Makes the keys.
   *
   * @param folder for messages
   * @param files by name, those of the checkpoint that are there: tokenizer.json,
   *     tokenizer_config.json, special_tokens_map.json, added_tokens.json, config.json,
   *     generation_config.json, chat_template.jinja, chat_template.json
   * @param vocabulary rows of the embedding; one that no token has becomes a padding
   * @return whole numbers, truth values, strings and {@link io.tritmill.jobs.gguf.GgufArray}s of
   *     strings, whole numbers or floats
   * @throws BadInputException if ggml has no such tokenizer, or the files contradict each other
   */
  public static Map<String, Object> keys(String folder, Map<String, byte[]> files, int vocabulary) {
    StoredTokenizer tokenizer = new StoredTokenizer(new TokenizerFiles(folder, files));
    tokenizer.requireMerges();
    if (tokenizer.model.path("byte_fallback").asBoolean(false)) {
      tokenizer.pieces(vocabulary);
    } else {
      tokenizer.bytes(vocabulary);
    }
    tokenizer.keys.putAll(StoredTemplates.keys(tokenizer.files));
    return tokenizer.keys;
  }

  private void requireMerges() {
    String type = model.path("type").asText(model.has("merges") ? "BPE" : "");
    if (!type.equals("BPE")) {
      throw files.unknown("model", "is of type " + Printable.of(type), "BPE");
    }
    for (String affix : new String[] {"continuing_subword_prefix", "end_of_word_suffix"}) {
      if (!model.path(affix).asText("").isEmpty() && !model.path(affix).isNull()) {
        throw files.unknown("model", "has a " + affix, "none");
      }
    }
  }

  private void bytes(int vocabulary) {
    requireComposing(files.tokenizer().path("normalizer"));
    StoredTokens tokens = new StoredTokens(files, vocabulary, false);
    StoredMerges merges = new StoredMerges(files, tokens);
    StoredSpecials specials = new StoredSpecials(files, tokens);
    GgufPreTokenizer splits = StoredSplits.of(files, tokens, merges);
    keys.put(GgufTokenizer.KIND, "gpt2");
    keys.put(GgufTokenizer.PRE, splits.name(specials.hasFirst()));
    keys.put(GgufTokenizer.SPACE, false);
    keys.put(GgufTokenizer.TOKENS, tokens.spelled());
    keys.put(GgufTokenizer.TYPES, tokens.types());
    keys.put(GgufTokenizer.MERGES, merges.spelled());
    keys.putAll(specials.keys());
  }

  private void requireComposing(JsonNode normalizer) {
    switch (normalizer.path("type").asText("")) {
      case "", "NFC" -> {}
      case "Sequence" -> normalizer.path("normalizers").forEach(this::requireComposing);
      default ->
          throw files.unknown(
              "normalizer",
              "has the component " + Printable.of(normalizer.toString(), 200),
              "none, or NFC");
    }
  }

  private void pieces(int vocabulary) {
    boolean space = StoredPieces.spaceInFront(files);
    StoredTokens tokens = new StoredTokens(files, vocabulary, true);
    StoredPieces.requireBytes(files, tokens);
    StoredMerges merges = new StoredMerges(files, tokens);
    keys.put(GgufTokenizer.KIND, "llama");
    keys.put(GgufTokenizer.PRE, "default");
    keys.put(GgufTokenizer.SPACE, space);
    keys.put(GgufTokenizer.TOKENS, tokens.spelled());
    keys.put(GgufTokenizer.SCORES, PieceScores.of(files, tokens, merges));
    keys.put(GgufTokenizer.TYPES, tokens.types());
    keys.putAll(new StoredSpecials(files, tokens).keys());
  }
}
