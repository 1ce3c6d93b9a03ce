package io.tritmill.jobs.generate;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.Companion;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.gguf.GgufFiles;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.storage.StrictJson;
import io.tritmill.jobs.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The tokens that begin a prompt and that end a text, by the files beside the weights.
 *
 * @param before what stands in front of a prompt that is no chat
 * @param start what stands for a beginning where a text has none: the tokenizer's BOS, else its EOS
 * @param ends tokens after which nothing follows: those of generation_config.json, config.json and
 *     tokenizer_config.json, or what a GGUF file has for them
 * @param turnEnds tokens that are spelled as an end of a turn; a GGUF file names but one end
 */
public record SpecialTokens(
    List<Integer> before, Optional<Start> start, Set<Integer> ends, Set<Integer> turnEnds) {
  private static final String END = "eos_token_id";
  private static final String EOS = "eos_token";

  /** As the families spell them that are published with a template of chats. */
  private static final List<String> TURN_ENDS =
      List.of(
          "<|im_end|>",
          "<|eot_id|>",
          "<|eom_id|>",
          "<|end|>",
          "<|endoftext|>",
          "<end_of_turn>",
          "<turn|>",
          "<|END_OF_TURN_TOKEN|>",
          "<|end_of_text|>",
          "<|return|>",
          "[e~[");

  /**
   * A token that texts begin with.
   *
   * @param text as it is spelled
   */
  public record Start(int id, String text) {}

  public SpecialTokens {
    before = List.copyOf(before);
    ends = Set.copyOf(ends);
    turnEnds = Set.copyOf(turnEnds);
  }

  /**
   * Reads them.
   *
   * @param content the tokenizer.json
   * @throws BadInputException if one of the files is no JSON, or names what is no token
   */
  public static SpecialTokens read(
      Storage storage, Checkpoint checkpoint, Tokenizer.Content content, TokenBytes tokens) {
    JsonNode tokenizer = StrictJson.tree(content.file().toString(), content.json());
    JsonNode config = file(storage, checkpoint, "config.json");
    JsonNode told = file(storage, checkpoint, "tokenizer_config.json");
    Set<Integer> ends = new TreeSet<>();
    JsonNode generation = file(storage, checkpoint, "generation_config.json");
    addIds(checkpoint, "generation_config.json", generation.path(END), ends);
    addIds(checkpoint, "config.json", config.path(END), ends);
    addIds(checkpoint, "config.json", config.path("text_config").path(END), ends);
    token(told.path(EOS), tokens).ifPresent(ends::add);
    Set<Integer> turnEnds = new TreeSet<>();
    TURN_ENDS.forEach(end -> Optional.ofNullable(tokens.id(end)).ifPresent(turnEnds::add));
    JsonNode map = file(storage, checkpoint, "special_tokens_map.json");
    Optional<Start> start =
        start("bos_token", told, map, tokens).or(() -> start(EOS, told, map, tokens));
    return new SpecialTokens(before(content, tokenizer, told, tokens), start, ends, turnEnds);
  }

  /** One of the files beside the weights; an object of nothing where it is not there. */
  static JsonNode file(Storage storage, Checkpoint checkpoint, String name) {
    for (Companion companion : checkpoint.companions()) {
      if (companion.name().equals(name)) {
        return StrictJson.tree(checkpoint.directory() + "/" + name, companion.read(storage));
      }
    }
    return StrictJson.tree(name, new byte[] {'{', '}'});
  }

  private static void addIds(Checkpoint checkpoint, String file, JsonNode ids, Set<Integer> into) {
    if (ids.isMissingNode() || ids.isNull()) {
      return;
    }
    for (JsonNode id : ids.isArray() ? ids : List.of(ids)) {
      // Some publish -1 for none.
      if (!id.isIntegralNumber() || !id.canConvertToInt()) {
        throw BadInputException.broken(
            "%s: %s of %s is %s, expected the id of a token or a list of such",
            checkpoint.directory(), END, file, ids);
      }
      into.add(id.intValue());
    }
  }

  /** What tokenizer_config.json says counts, a null too; the map is that of older tokenizers. */
  private static Optional<Start> start(
      String name, JsonNode told, JsonNode map, TokenBytes tokens) {
    JsonNode named = told.has(name) ? told.path(name) : map.path(name);
    return token(named, tokens).map(id -> new Start(id, spelled(named)));
  }

  private static String spelled(JsonNode named) {
    return named.isObject() ? named.path("content").asText() : named.asText("");
  }

  private static Optional<Integer> token(JsonNode named, TokenBytes tokens) {
    return Optional.ofNullable(tokens.id(spelled(named)));
  }

  /**
   * What tokenizer_config.json says counts; then the template of tokenizer.json. A GGUF file that
   * does not say it has what llama.cpp takes it to have.
   */
  private static List<Integer> before(
      Tokenizer.Content content, JsonNode tokenizer, JsonNode told, TokenBytes tokens) {
    JsonNode added = told.path("add_bos_token");
    JsonNode model = tokenizer.path("model");
    boolean untold =
        GgufFiles.named(content.file().getName())
            && (model.path("byte_fallback").asBoolean() || model.path("ignore_merges").asBoolean());
    if (added.isBoolean() || untold) {
      boolean first = added.isBoolean() ? added.booleanValue() : untold;
      return first ? token(told.path("bos_token"), tokens).stream().toList() : List.of();
    }
    List<Integer> before = new ArrayList<>();
    addTemplate(tokenizer.path("post_processor"), before, tokens);
    return before;
  }

  /** The special tokens in front of the text in the template of one text. */
  private static void addTemplate(JsonNode processor, List<Integer> before, TokenBytes tokens) {
    processor.path("processors").forEach(one -> addTemplate(one, before, tokens));
    for (JsonNode piece : processor.path("single")) {
      if (!piece.has("SpecialToken")) {
        return;
      }
      String name = piece.path("SpecialToken").path("id").asText();
      JsonNode ids = processor.path("special_tokens").path(name).path("ids");
      if (ids.isEmpty()) {
        Optional.ofNullable(tokens.id(name)).ifPresent(before::add);
      }
      ids.forEach(id -> before.add(id.asInt()));
    }
  }
}
