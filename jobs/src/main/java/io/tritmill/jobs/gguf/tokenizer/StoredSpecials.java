package io.tritmill.jobs.gguf.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.failure.BadInputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The tokens with a part to play: which begin and end a text, and whether they are put there.
 *
 * <p>tokenizer_config.json counts before special_tokens_map.json, config.json and
 * generation_config.json, and what it says of putting them there before the template of
 * tokenizer.json, as transformers has it.
 */
final class StoredSpecials {
  private static final Map<String, String> KEYS = new LinkedHashMap<>();

  static {
    KEYS.put("bos", "bos");
    KEYS.put("eos", "eos");
    KEYS.put("unk", "unknown");
    KEYS.put("sep", "seperator");
    KEYS.put("pad", "padding");
    KEYS.put("mask", "mask");
  }

  /** Spelled like this, ggml takes a token for an end without being told. */
  private static final Set<String> KNOWN_ENDS =
      Set.of(
          "<|eot_id|>",
          "<|im_end|>",
          "<|end|>",
          "<|return|>",
          "<|call|>",
          "<|flush|>",
          "<|calls|>",
          "<end_of_turn>",
          "<|endoftext|>",
          "</s>",
          "<|eom_id|>",
          "<EOT>",
          "_<EOT>",
          "[EOT]",
          "[EOS]",
          "<|end_of_text|>",
          "<end_of_utterance>",
          "<eos>",
          "<turn|>",
          "<|tool_response>",
          "<\uff5cend\u2581of\u2581sentence\uff5c>",
          "[e~[");

  private static final List<String> CONFIGS = List.of("config.json", "generation_config.json");

  private final TokenizerFiles files;
  private final StoredTokens tokens;
  private final Map<String, Integer> ids = new LinkedHashMap<>();

  /**
   * Reads them.
   *
   * @throws BadInputException if a file names an id that no token has
   */
  StoredSpecials(TokenizerFiles files, StoredTokens tokens) {
    this.files = files;
    this.tokens = tokens;
    for (String name : KEYS.keySet()) {
      named(TokenizerFiles.CONFIG, name)
          .or(() -> named("special_tokens_map.json", name))
          .or(() -> ends(name).stream().findFirst())
          .ifPresent(id -> ids.put(name, id));
    }
    first().filter(id -> !ids.containsKey("bos")).ifPresent(id -> ids.put("bos", id));
  }

  private Optional<Integer> named(String file, String name) {
    JsonNode token = files.tree(file).path(name + "_token");
    return tokens.id(token.isObject() ? token.path("content").asText("") : token.asText(""));
  }

  /** All ids that the model's own files name for a part. */
  private List<Integer> ends(String name) {
    List<Integer> found = new ArrayList<>();
    for (String file : CONFIGS) {
      JsonNode tree = files.tree(file);
      for (JsonNode named : List.of(tree, tree.path("text_config"))) {
        JsonNode given = named.path(name + "_token_id");
        for (JsonNode id : given.isArray() ? given : List.of(given)) {
          add(file, name, id, found);
        }
      }
    }
    return found;
  }

  private void add(String file, String name, JsonNode id, List<Integer> found) {
    // Some publish -1 for none.
    if (id.isIntegralNumber() && id.canConvertToInt() && id.intValue() >= 0) {
      if (id.intValue() >= tokens.size()) {
        throw BadInputException.broken(
            "%s: %s_token_id is %d, but the embedding has %d rows, expected an id below that",
            files.where(file), name, id.intValue(), tokens.size());
      }
      found.add(id.intValue());
    }
  }

  /** The token that the template puts in front of a text. */
  private Optional<Integer> first() {
    List<JsonNode> pieces = template();
    return pieces.isEmpty() ? Optional.empty() : special(pieces.getFirst());
  }

  private Optional<Integer> special(JsonNode piece) {
    return tokens.id(piece.path("SpecialToken").path("id").asText(""));
  }

  private List<JsonNode> template() {
    List<JsonNode> pieces = new ArrayList<>();
    collect(files.tokenizer().path("post_processor"), pieces);
    return pieces;
  }

  private static void collect(JsonNode processor, List<JsonNode> pieces) {
    processor.path("processors").forEach(one -> collect(one, pieces));
    processor.path("single").forEach(pieces::add);
  }

  private boolean added(String name, Optional<Integer> byTemplate) {
    JsonNode told = files.tree(TokenizerFiles.CONFIG).path("add_" + name + "_token");
    boolean there = told.isBoolean() ? told.booleanValue() : byTemplate.isPresent();
    return there && ids.containsKey(name);
  }

  boolean hasFirst() {
    return ids.containsKey("bos");
  }

  /** The keys that tell it; whether one is put in front always, since ggml guesses otherwise. */
  Map<String, Object> keys() {
    Map<String, Object> keys = new LinkedHashMap<>();
    ids.forEach((name, id) -> keys.put(GgufTokenizer.PREFIX + KEYS.get(name) + "_token_id", id));
    List<Integer> untold =
        ends("eos").stream()
            .distinct()
            .filter(id -> !id.equals(ids.get("eos")) && !KNOWN_ENDS.contains(tokens.text(id)))
            .toList();
    for (int i = 0; i < Math.min(2, untold.size()); i++) {
      keys.put(GgufTokenizer.PREFIX + List.of("eot", "eom").get(i) + "_token_id", untold.get(i));
    }
    keys.put(GgufTokenizer.PREFIX + "add_bos_token", added("bos", first()));
    List<JsonNode> pieces = template();
    if (added("eos", pieces.isEmpty() ? Optional.empty() : special(pieces.getLast()))) {
      keys.put(GgufTokenizer.PREFIX + "add_eos_token", true);
    }
    return keys;
  }
}
