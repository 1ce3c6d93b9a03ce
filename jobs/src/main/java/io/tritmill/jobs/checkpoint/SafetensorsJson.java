package io.tritmill.jobs.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.storage.StrictJson;
import io.tritmill.jobs.tensor.TensorInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads the JSON of one safetensors header; each tensor is checked as soon as it is read. */
final class SafetensorsJson {
  private static final String METADATA = "__metadata__";
  private static final int MAX_TENSORS = 1_000_000;
  private static final int MAX_NAME_BYTES = 512;
  private static final int MAX_DIMENSIONS = 8;

  private final String file;
  private final long dataStart;
  private final JsonParser parser;
  private final List<TensorInfo> tensors = new ArrayList<>();
  private final Map<String, String> metadata = new TreeMap<>();

  private SafetensorsJson(String file, long dataStart, JsonParser parser) {
    this.file = file;
    this.dataStart = dataStart;
    this.parser = parser;
  }

  /**
   * Tensors in the order of the header, and the metadata.
   *
   * @param dataStart position in the file to which data offsets are relative
   */
  static SafetensorsHeader parse(String file, byte[] json, long dataStart) {
    try (JsonParser parser = StrictJson.parser(json)) {
      SafetensorsJson reader = new SafetensorsJson(file, dataStart, parser);
      reader.header();
      return new SafetensorsHeader(file, dataStart, reader.tensors, reader.metadata);
    } catch (IOException e) {
      throw StrictJson.refused(file, "the header", e);
    }
  }

  private void header() throws IOException {
    expect(parser.nextToken(), JsonToken.START_OBJECT, "the header");
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      if (name.equals(METADATA)) {
        metadata();
      } else {
        requireName(name);
        tensors.add(tensor(name));
      }
      if (tensors.size() > MAX_TENSORS) {
        throw BadInputException.broken(
            "%s: the header has more than %d tensors; split the checkpoint into shards",
            file, MAX_TENSORS);
      }
    }
    if (parser.nextToken() != null) {
      throw BadInputException.broken(
          "%s: the header goes on after its JSON object, expected only spaces", file);
    }
  }

  /** An object of strings, or null, which some writers put where there are none. */
  private void metadata() throws IOException {
    if (parser.nextToken() == JsonToken.VALUE_NULL) {
      return;
    }
    expect(parser.currentToken(), JsonToken.START_OBJECT, METADATA);
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      String where = "the value of '%s' in %s".formatted(Printable.of(key), METADATA);
      expect(parser.nextToken(), JsonToken.VALUE_STRING, where);
      metadata.put(key, parser.getText());
    }
  }

  private void requireName(String name) {
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > MAX_NAME_BYTES) {
      throw BadInputException.broken(
          "%s: tensor '%s' has a name of %d bytes, expected 1 to %d",
          file, Printable.of(name), bytes, MAX_NAME_BYTES);
    }
    if (name.codePoints().anyMatch(Character::isISOControl)) {
      throw BadInputException.broken(
          "%s: tensor '%s' has a control character in its name, expected none",
          file, Printable.of(name));
    }
  }

  private TensorInfo tensor(String name) throws IOException {
    String where = "tensor " + Printable.of(name);
    expect(parser.nextToken(), JsonToken.START_OBJECT, where);
    String dtype = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      switch (key) {
        case "dtype" -> {
          expect(parser.nextToken(), JsonToken.VALUE_STRING, "dtype of " + where);
          dtype = parser.getText();
        }
        case "shape" -> shape = numbers(where, "shape", MAX_DIMENSIONS);
        case "data_offsets" -> offsets = numbers(where, "data_offsets", 2);
        default ->
            throw BadInputException.broken(
                "%s: %s has the key '%s', expected dtype, shape and data_offsets",
                file, where, Printable.of(key));
      }
    }
    if (dtype == null || shape == null || offsets == null || offsets.size() != 2) {
      throw BadInputException.broken(
          "%s: %s lacks its %s; is this a safetensors file?",
          file, where, dtype == null ? "dtype" : shape == null ? "shape" : "two data_offsets");
    }
    return located(name, dtype, shape, offsets.get(0), offsets.get(1));
  }

  private TensorInfo located(String name, String dtype, List<Long> shape, long begin, long end) {
    String where = "tensor " + Printable.of(name);
    ElementType type =
        ElementType.of(dtype)
            .orElseThrow(
                () ->
                    BadInputException.broken(
                        "%s: %s has dtype '%s', expected one of %s",
                        file, where, Printable.of(dtype), List.of(ElementType.values())));
    if (begin > end) {
      throw BadInputException.broken(
          "%s: %s begins at byte %d and ends at %d of the data, expected the end after the"
              + " beginning",
          file, where, begin, end);
    }
    long expected;
    try {
      expected = type.bytes(shape.stream().reduce(1L, Math::multiplyExact));
      Math.addExact(dataStart, end);
    } catch (ArithmeticException e) {
      throw BadInputException.broken(
          "%s: %s of %s %s from byte %d to %d has no size that fits a file",
          file, where, dtype, shape, begin, end);
    }
    if (end - begin != expected) {
      throw BadInputException.broken(
          "%s: %s has %d bytes, but %s %s needs %d",
          file, where, end - begin, dtype, shape, expected);
    }
    return new TensorInfo(name, dtype, List.copyOf(shape), file, dataStart + begin, expected);
  }

  private List<Long> numbers(String where, String key, int limit) throws IOException {
    expect(parser.nextToken(), JsonToken.START_ARRAY, key + " of " + where);
    List<Long> numbers = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      String what = "%s of %s".formatted(key, where);
      expect(parser.currentToken(), JsonToken.VALUE_NUMBER_INT, what);
      if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
          || parser.getLongValue() < 0) {
        throw BadInputException.broken(
            "%s: %s has the value %s, expected 0 to 2^63 - 1",
            file, what, Printable.of(parser.getText()));
      }
      numbers.add(parser.getLongValue());
      if (numbers.size() > limit) {
        throw BadInputException.broken(
            "%s: %s has more than %d numbers, expected at most as many", file, what, limit);
      }
    }
    return numbers;
  }

  private void expect(JsonToken found, JsonToken expected, String where) {
    if (found != expected) {
      throw BadInputException.broken(
          "%s: %s is %s, expected %s; is this a safetensors file?",
          file, where, shown(found), shown(expected));
    }
  }

  private static String shown(JsonToken token) {
    return switch (token) {
      case null -> "missing";
      case START_OBJECT -> "an object";
      case START_ARRAY -> "a list";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT -> "a whole number";
      case VALUE_NUMBER_FLOAT -> "a fraction";
      case VALUE_TRUE, VALUE_FALSE -> "true or false";
      case VALUE_NULL -> "null";
      case END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE -> "incomplete";
    };
  }
}
