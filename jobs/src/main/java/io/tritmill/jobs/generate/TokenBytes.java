package io.tritmill.jobs.generate;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.storage.StrictJson;
import io.tritmill.jobs.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The bytes that each token stands for inside a text; special tokens stand for none.
 *
 * <p>A text is these bytes one after another: a character may be spread over several tokens. What a
 * decoder does to the beginning of a text is left out, since what is decoded goes on with one.
 */
public final class TokenBytes {
  private static final String SPACE = "\u2581";

  private final byte[][] bytes;
  private final Map<String, Integer> ids = new HashMap<>();

  private TokenBytes(String file, JsonNode root) {
    Decoder decoder = new Decoder(file);
    decoder.read(root.path("decoder"));
    if (root.path("decoder").isMissingNode() || root.path("decoder").isNull()) {
      decoder.letters = root.path("pre_tokenizer").toString().contains("\"ByteLevel\"");
    }
    if (!decoder.letters && !decoder.spaces) {
      throw BadInputException.unsupported(
          "%s: has no decoder of bytes as letters or of spaces as %s, so its tokens do not spell a"
              + " text; give a model with the tokenizer of a decoder",
          file, SPACE);
    }
    readVocabulary(root.path("model").path("vocab"));
    root.path("added_tokens")
        .forEach(token -> ids.put(token.path("content").asText(), token.path("id").asInt()));
    bytes = new byte[1 + ids.values().stream().mapToInt(Integer::intValue).max().orElse(0)][];
    ids.forEach((token, id) -> bytes[id] = decoder.bytes(token));
    for (JsonNode token : root.path("added_tokens")) {
      boolean special = token.path("special").asBoolean();
      String content = special ? "" : token.path("content").asText();
      bytes[token.path("id").asInt()] = content.getBytes(StandardCharsets.UTF_8);
    }
  }

  /**
   * Reads the vocabulary and the decoder of a tokenizer.
   *
   * @param content sound, as a {@link Tokenizer} made of it has found
   * @throws BadInputException if its decoder is of an unknown kind
   */
  public static TokenBytes of(Tokenizer.Content content) {
    String file = content.file().toString();
    return new TokenBytes(file, StrictJson.tree(file, content.json()));
  }

  private void readVocabulary(JsonNode vocabulary) {
    if (vocabulary.isArray()) {
      for (int id = 0; id < vocabulary.size(); id++) {
        ids.put(vocabulary.path(id).path(0).asText(), id);
      }
    } else {
      vocabulary.forEachEntry((token, id) -> ids.put(token, id.asInt()));
    }
  }

  /** The bytes of a token; none for a special one, and for one that only the model has. */
  public byte[] of(int id) {
    byte[] found = id < bytes.length ? bytes[id] : null;
    return found == null ? new byte[0] : found;
  }

  /** The id of a token that is spelled like this in the vocabulary; null where there is none. */
  Integer id(String token) {
    return ids.get(token);
  }

  /** What the steps of a decoder do, together. */
  private static final class Decoder {
    /** What byte a letter stands for, by its code; -1 for none. */
    private static final int[] BYTES = letters();

    private final String file;
    private boolean letters;
    private boolean spaces;
    private boolean fallback;

    Decoder(String file) {
      this.file = file;
    }

    /** GPT-2's: printable bytes stand for themselves, the others for letters from 256 on. */
    private static int[] letters() {
      int[] bytes = new int[512];
      Arrays.fill(bytes, -1);
      int next = 256;
      for (int b = 0; b < 256; b++) {
        boolean printable = b > 32 && b < 127 || b > 160 && b != 173;
        bytes[printable ? b : next++] = b;
      }
      return bytes;
    }

    void read(JsonNode step) {
      if (step.isMissingNode() || step.isNull()) {
        return;
      }
      switch (step.path("type").asText()) {
        case "Sequence" -> step.path("decoders").forEach(this::read);
        case "ByteLevel" -> letters = true;
        case "ByteFallback" -> fallback = true;
        case "Metaspace" -> spaces |= step.path("replacement").asText().equals(SPACE);
        case "Replace" -> {
          boolean known =
              step.path("pattern").path("String").asText().equals(SPACE)
                  && step.path("content").asText().equals(" ");
          spaces |= known;
          if (!known) {
            throw unknown(step);
          }
        }
        case "Fuse", "Strip" -> {}
        default -> throw unknown(step);
      }
    }

    private BadInputException unknown(JsonNode step) {
      return BadInputException.unsupported(
          "%s: its decoder has the step %s, expected ByteLevel, Metaspace, ByteFallback, Fuse,"
              + " Strip or one that replaces %s by a space; give a model with such a tokenizer",
          file, Printable.of(step.toString(), 200), SPACE);
    }

    byte[] bytes(String token) {
      if (letters) {
        return ofLetters(token);
      }
      if (fallback && token.matches("<0x[0-9A-F]{2}>")) {
        return new byte[] {(byte) Integer.parseInt(token.substring(3, 5), 16)};
      }
      return token.replace(SPACE, " ").getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] ofLetters(String token) {
      byte[] bytes = new byte[token.length()];
      for (int i = 0; i < bytes.length; i++) {
        char letter = token.charAt(i);
        int value = letter < BYTES.length ? BYTES[letter] : -1;
        if (value < 0) {
          // Not spelled in bytes, as tokens are that were added to the vocabulary.
          return token.getBytes(StandardCharsets.UTF_8);
        }
        bytes[i] = (byte) value;
      }
      return bytes;
    }
  }
}
