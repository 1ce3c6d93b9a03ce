package io.tritmill.jobs.gguf.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.StrictJson;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The files beside the weights that say how texts become tokens. */
final class TokenizerFiles {
  static final String TOKENIZER = "tokenizer.json";
  static final String CONFIG = "tokenizer_config.json";

  private final String folder;
  private final Map<String, byte[]> files;
  private final Map<String, JsonNode> read = new HashMap<>();

  TokenizerFiles(String folder, Map<String, byte[]> files) {
    this.folder = folder;
    this.files = files;
  }

  /** What messages call one of them. */
  String where(String name) {
    return folder + "/" + name;
  }

  /** One of them as a tree; a missing node where it is not there. */
  JsonNode tree(String name) {
    return read.computeIfAbsent(
        name,
        key -> {
          byte[] content = files.get(key);
          if (content == null) {
            return MissingNode.getInstance();
          }
          JsonNode tree = StrictJson.tree(where(key), content);
          if (!tree.isObject()) {
            throw BadInputException.broken("%s: is no JSON object, expected one", where(key));
          }
          return tree;
        });
  }

  /** One of them as a text. */
  Optional<String> text(String name) {
    byte[] content = files.get(name);
    if (content == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString());
    } catch (CharacterCodingException e) {
      throw BadInputException.broken(
          "%s: is not UTF-8, expected a text; is the download complete?", where(name));
    }
  }

  /**
   * tokenizer.json.
   *
   * @throws BadInputException if there is none
   */
  JsonNode tokenizer() {
    if (!files.containsKey(TOKENIZER)) {
      throw BadInputException.unsupported(
          "%s: has no %s, expected one to make the tokenizer of a GGUF file of; save it with"
              + " save_pretrained of a fast tokenizer",
          folder, TOKENIZER);
    }
    return tree(TOKENIZER);
  }

  /** What to throw for a part of tokenizer.json that ggml has no name for. */
  BadInputException unknown(String part, String found, String expected) {
    return BadInputException.unsupported(
        "%s: its %s %s, expected %s, which is what a GGUF file can say; export to another format",
        where(TOKENIZER), part, found, expected);
  }
}
