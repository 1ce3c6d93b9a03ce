package io.tritmill.jobs.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import java.util.ArrayList;
import java.util.List;

/**
 * One component of a tokenizer.json. Only fields that were asked for, and found to be sound, are
 * copied into what the native library gets: its code ends the process where it meets a value that
 * it did not expect.
 *
 * @param file named in messages
 * @param place within the file
 * @param fields as they are in the file
 * @param safe what the library gets
 */
record TokenizerPart(String file, String place, ObjectNode fields, ObjectNode safe) {
  /** A component, or a refusal where there is something else. */
  static TokenizerPart of(String file, String place, JsonNode node) {
    if (node instanceof ObjectNode fields) {
      return new TokenizerPart(file, place, fields, JsonNodeFactory.instance.objectNode());
    }
    throw new IllegalArgumentException("its %s is no JSON object".formatted(place));
  }

  /** The name of the component, which the library gets too. */
  String type() {
    String type = text("type", 64);
    safe.put("type", type);
    return type;
  }

  /** A string. */
  String text(String key, int limit) {
    JsonNode value = fields.path(key);
    if (!value.isTextual()) {
      throw broken("has %s %s, expected a string", key, shown(value));
    }
    String text = value.textValue();
    if (text.length() > limit) {
      throw unsupported(
          "has a %s of %d characters, expected at most %d", key, text.length(), limit);
    }
    safe.put(key, text);
    return text;
  }

  /** A string that may be null or missing, which is given on as null. */
  String textOrNull(String key, int limit) {
    if (fields.path(key).isMissingNode() || fields.path(key).isNull()) {
      return null;
    }
    return text(key, limit);
  }

  /** A string of exactly one character. */
  void character(String key) {
    String text = text(key, 16);
    if (text.codePointCount(0, text.length()) != 1) {
      throw broken("has %s %s, expected one character", key, shown(fields.path(key)));
    }
  }

  /** One of some words. */
  String oneOf(String key, List<String> words) {
    String word = text(key, 64);
    if (!words.contains(word)) {
      throw broken("has %s %s, expected one of %s", key, shown(fields.path(key)), words);
    }
    return word;
  }

  /** True or false, and nothing else. */
  boolean flag(String key) {
    JsonNode value = fields.path(key);
    if (!value.isBoolean()) {
      throw broken("has %s %s, expected true or false", key, shown(value));
    }
    safe.set(key, value);
    return value.booleanValue();
  }

  /** True or false; where it is missing or null the library's own default. */
  boolean flag(String key, boolean absent) {
    return fields.path(key).isMissingNode() || fields.path(key).isNull() ? absent : flag(key);
  }

  /** A whole number of a range. */
  int whole(String key, int least, int most) {
    JsonNode value = fields.path(key);
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.intValue() < least
        || value.intValue() > most) {
      throw broken(
          "has %s %s, expected a whole number from %d to %d", key, shown(value), least, most);
    }
    safe.set(key, value);
    return value.intValue();
  }

  /** The components in a list. */
  List<TokenizerPart> parts(String key) {
    JsonNode list = fields.path(key);
    if (!list.isArray()) {
      throw broken("has %s %s, expected a list", key, shown(list));
    }
    List<TokenizerPart> parts = new ArrayList<>();
    for (JsonNode entry : list) {
      parts.add(of(file, "%s.%s[%d]".formatted(place, key, parts.size()), entry));
    }
    return parts;
  }

  /** What to throw for a file that contradicts itself or the format. */
  IllegalArgumentException broken(String message, Object... values) {
    return new IllegalArgumentException("its %s %s".formatted(place, message.formatted(values)));
  }

  /** What to throw for what the library may know, and this program does not give to it. */
  BadInputException unsupported(String message, Object... values) {
    return BadInputException.unsupported(
        "%s: its %s %s; this tokenizer is not supported", file, place, message.formatted(values));
  }

  /** A value as it may stand in a message. */
  static String shown(JsonNode value) {
    return value.isMissingNode() ? "missing" : Printable.of(value.toString(), 80);
  }
}
