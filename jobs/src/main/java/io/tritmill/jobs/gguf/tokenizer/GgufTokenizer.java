package io.tritmill.jobs.gguf.tokenizer;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.gguf.GgufHeader;
import io.tritmill.jobs.gguf.GgufKeys;
import io.tritmill.jobs.gguf.GgufModel;
import io.tritmill.jobs.storage.Json;
import io.tritmill.jobs.storage.Storage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.Path;

/**
 * The tokenizer among the keys of a GGUF file, as the files that Hugging Face has for it.
 *
 * <p>Of the kind {@code gpt2}: bytes as letters, split by one of the patterns that {@link
 * GgufPreTokenizer} knows, merged by rank. Of the kind {@code llama}: SentencePiece's BPE, whose
 * merges stand in the scores.
 */
public final class GgufTokenizer {
  static final String PREFIX = "tokenizer.ggml.";
  static final String KIND = PREFIX + "model";
  static final String PRE = PREFIX + "pre";
  static final String SPACE = PREFIX + "add_space_prefix";
  static final String TOKENS = PREFIX + "tokens";
  static final String TYPES = PREFIX + "token_type";
  static final String SCORES = PREFIX + "scores";
  static final String MERGES = PREFIX + "merges";
  static final String TEMPLATE = "tokenizer.chat_template";
  private static final Set<String> WHOLE = Set.of(TOKENS, TYPES, SCORES, MERGES, TEMPLATE);

  private final GgufKeys keys;
  private final List<String> tokens;
  private final List<Number> types;

  private GgufTokenizer(GgufKeys keys) {
    this.keys = keys;
    requireKnown(keys);
    tokens = keys.array(TOKENS, String.class, "the tokens as strings");
    types =
        keys.has(TYPES)
            ? keys.array(TYPES, Number.class, "the tokens' types as numbers")
            : List.of();
    if (!types.isEmpty() && types.size() != tokens.size()) {
      throw BadInputException.broken(
          "%s: %s has %d elements, but %s has %d, expected as many",
          keys.file(), TYPES, types.size(), TOKENS, tokens.size());
    }
  }

  /**
   * Reads it.
   *
   * @param file the first of a model
   * @throws BadInputException if there is none, or one that is broken or of an unknown kind
   */
  public static GgufTokenizer read(Storage storage, Path file) {
    GgufHeader header = GgufHeader.read(storage, file, WHOLE);
    return of(new GgufKeys(file.toString(), header.values()));
  }

  /**
   * That which keys hold.
   *
   * @throws BadInputException as {@link #read}
   */
  public static GgufTokenizer of(GgufKeys keys) {
    return new GgufTokenizer(keys);
  }

  /** Whether a model has one at all. */
  public static boolean isIn(GgufModel model) {
    return model.keys().has(KIND);
  }

  /** Why it cannot be read, in a sentence; empty where nothing speaks against it. */
  public static Optional<String> refusal(GgufModel model) {
    try {
      requireKnown(model.keys());
      return Optional.empty();
    } catch (BadInputException e) {
      return Optional.of(e.getMessage());
    }
  }

  private static void requireKnown(GgufKeys keys) {
    String kind = keys.text(KIND).orElseThrow(() -> keys.missing(KIND));
    switch (kind) {
      case "gpt2" -> preTokenizer(keys);
      case "llama" -> {}
      default ->
          throw BadInputException.unsupported(
              "%s: %s is %s, expected gpt2 or llama; use data of token ids, or the checkpoint that"
                  + " the model was made from",
              keys.file(), KIND, Printable.of(kind));
    }
  }

  private static GgufPreTokenizer preTokenizer(GgufKeys keys) {
    String name = keys.text(PRE).orElse("default");
    return GgufPreTokenizer.of(name)
        .orElseThrow(
            () ->
                BadInputException.unsupported(
                    "%s: %s is %s, expected one of %s; use data of token ids, or the checkpoint"
                        + " that the model was made from",
                    keys.file(), PRE, Printable.of(name), GgufPreTokenizer.names()));
  }

  private boolean is(TokenType type, int id) {
    return (types.isEmpty() ? TokenType.NORMAL.number() : types.get(id).intValue())
        == type.number();
  }

  /**
   * The bytes of tokenizer.json.
   *
   * @throws BadInputException if a token is there twice, or what its kind needs is missing
   */
  public byte[] json() {
    boolean pieces = keys.text(KIND).orElseThrow().equals("llama");
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("version", "1.0");
    json.put("truncation", null);
    json.put("padding", null);
    json.put("added_tokens", added());
    json.put("normalizer", pieces ? normalizer() : null);
    json.put("pre_tokenizer", pieces ? null : preTokenizer(keys).json());
    json.put("post_processor", null);
    json.put("decoder", pieces ? pieceDecoder() : GgufPreTokenizer.byteLevel(true));
    json.put("model", pieces ? pieceModel() : byteModel());
    return Json.line(json).getBytes(StandardCharsets.UTF_8);
  }

  private List<Map<String, Object>> added() {
    List<Map<String, Object>> added = new ArrayList<>();
    for (int id = 0; id < tokens.size(); id++) {
      boolean plain = is(TokenType.USER_DEFINED, id);
      boolean special = is(TokenType.CONTROL, id) || is(TokenType.UNKNOWN, id);
      if (!tokens.get(id).isEmpty() && (plain || special)) {
        Map<String, Object> token = new LinkedHashMap<>();
        token.put("id", id);
        token.put("content", tokens.get(id));
        token.put("single_word", false);
        token.put("lstrip", false);
        token.put("rstrip", false);
        token.put("normalized", false);
        token.put("special", special);
        added.add(token);
      }
    }
    return added;
  }

  private Map<String, Object> vocabulary() {
    Map<String, Object> vocabulary = LinkedHashMap.newLinkedHashMap(tokens.size());
    for (int id = 0; id < tokens.size(); id++) {
      if (vocabulary.put(tokens.get(id), id) != null) {
        throw BadInputException.broken(
            "%s: %s has %s twice, expected every token once",
            keys.file(), TOKENS, Printable.of(tokens.get(id)));
      }
    }
    return vocabulary;
  }

  private Map<String, Object> byteModel() {
    Map<String, Object> model = bpe(null, false, preTokenizer(keys).ignoreMerges());
    model.put("vocab", vocabulary());
    model.put("merges", keys.array(MERGES, String.class, "pairs of tokens as strings"));
    return model;
  }

  private Map<String, Object> pieceModel() {
    int unknown = keys.optionalWhole(PREFIX + "unknown_token_id").orElse(0);
    Map<String, Object> model = bpe(token(unknown), true, false);
    model.put("vocab", vocabulary());
    List<Float> scores = keys.array(SCORES, Float.class, "the tokens' scores as numbers");
    if (scores.size() != tokens.size()) {
      throw BadInputException.broken(
          "%s: %s has %d elements, but %s has %d, expected as many",
          keys.file(), SCORES, scores.size(), TOKENS, tokens.size());
    }
    List<String> pieces = new ArrayList<>();
    for (int id = 0; id < tokens.size(); id++) {
      pieces.add(is(TokenType.NORMAL, id) ? tokens.get(id) : null);
    }
    model.put("merges", PieceMerges.of(keys.file(), pieces, scores));
    return model;
  }

  private static Map<String, Object> bpe(String unknown, boolean bytes, boolean ignoreMerges) {
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("type", "BPE");
    model.put("dropout", null);
    model.put("unk_token", unknown);
    model.put("continuing_subword_prefix", null);
    model.put("end_of_word_suffix", null);
    model.put("fuse_unk", bytes);
    model.put("byte_fallback", bytes);
    model.put("ignore_merges", ignoreMerges);
    return model;
  }

  private Map<String, Object> normalizer() {
    List<Object> steps = new ArrayList<>();
    if (keys.flag(SPACE, true)) {
      steps.add(Map.of("type", "Prepend", "prepend", "\u2581"));
    }
    steps.add(Map.of("type", "Replace", "pattern", Map.of("String", " "), "content", "\u2581"));
    return Map.of("type", "Sequence", "normalizers", steps);
  }

  private static Map<String, Object> pieceDecoder() {
    return Map.of(
        "type",
        "Sequence",
        "decoders",
        List.of(
            Map.of("type", "Replace", "pattern", Map.of("String", "\u2581"), "content", " "),
            Map.of("type", "ByteFallback"),
            Map.of("type", "Fuse"),
            Map.of("type", "Strip", "content", " ", "start", 1, "stop", 0)));
  }

  /** The bytes of tokenizer_config.json: special tokens, and the template of a chat. */
  public byte[] configJson() {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("tokenizer_class", "PreTrainedTokenizerFast");
    for (String name : List.of("bos", "eos", "unk", "pad")) {
      String key = name.replace("unk", "unknown").replace("pad", "padding");
      keys.optionalWhole(PREFIX + key + "_token_id")
          .ifPresent(id -> config.put(name + "_token", token(id)));
    }
    if (keys.has(PREFIX + "add_bos_token")) {
      config.put("add_bos_token", keys.flag(PREFIX + "add_bos_token", false));
    }
    config.put("clean_up_tokenization_spaces", false);
    keys.text(TEMPLATE).ifPresent(template -> config.put("chat_template", template));
    return Json.document(config);
  }

  private String token(int id) {
    if (id >= tokens.size()) {
      throw BadInputException.broken(
          "%s: speaks of token %d, but %s has %d, expected the id of one",
          keys.file(), id, TOKENS, tokens.size());
    }
    return tokens.get(id);
  }
}
