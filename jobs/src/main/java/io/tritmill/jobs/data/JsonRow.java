package io.tritmill.jobs.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A line's JSON object, of which only the columns that are asked for are kept: whatever else stands
 * in the line is passed over, and costs no memory.
 *
 * <p>A line that is none is an {@link IllegalArgumentException}.
 *
 * @param names the object's keys, the first of them where there are many
 * @param columns what was asked for and is there
 */
record JsonRow(Set<String> names, Map<String, Value> columns) {
  private static final int NAMES = 1000;
  private static final int FIRST_IDS = 1024;
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  /** Names of keys come from strangers, so no table of them is kept. */
  private static JsonFactory factory(int longestText) {
    return JsonFactory.builder()
        .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxStringLength(longestText)
                .maxNameLength(longestText)
                .build())
        .build();
  }

  /** Reads lines up to a length. */
  static final class Parser {
    private final JsonFactory factory;

    Parser(int longestLine) {
      this.factory = factory(longestLine);
    }

    /** Reads a line. */
    JsonRow read(byte[] line, Collection<String> asked) throws IOException {
      // The parser would guess another encoding from the bytes, and replace what is no character.
      Reader text =
          new InputStreamReader(
              new ByteArrayInputStream(withoutMark(line)), StandardCharsets.UTF_8.newDecoder());
      try (JsonParser parser = factory.createParser(text)) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
          throw new IllegalArgumentException("is no JSON object");
        }
        JsonRow row = object(parser, asked);
        if (parser.nextToken() != null) {
          throw new IllegalArgumentException("is no JSON object (something stands behind it)");
        }
        return row;
      } catch (CharacterCodingException e) {
        throw new IllegalArgumentException("is not UTF-8, expected a JSON object in it", e);
      } catch (JsonProcessingException e) {
        throw new IllegalArgumentException(reason(line, e), e);
      }
    }
  }

  /** Some editors begin files with a mark that is no part of the text. */
  private static byte[] withoutMark(byte[] line) {
    byte[] mark = String.valueOf(BYTE_ORDER_MARK).getBytes(StandardCharsets.UTF_8);
    return Arrays.mismatch(line, mark) == mark.length
        ? Arrays.copyOfRange(line, mark.length, line.length)
        : line;
  }

  private static String reason(byte[] line, JsonProcessingException e) {
    for (byte one : line) {
      if (one == 0) {
        return "holds a byte 0, expected a JSON object in UTF-8; is it UTF-16?";
      }
    }
    // What the parser found, without its account of where, which counts from the line's start.
    return "is no JSON object (%s)"
        .formatted(
            e.getOriginalMessage()
                .lines()
                .findFirst()
                .orElse("")
                .replaceAll(" ?\\(start marker.*", ""));
  }

  private static JsonRow object(JsonParser parser, Collection<String> asked) throws IOException {
    Set<String> names = new LinkedHashSet<>();
    Map<String, Value> columns = new HashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      if (asked.contains(name)) {
        Value value = Value.of(parser);
        columns.merge(name, value, (first, second) -> new Value.Twice());
        names.add(name);
      } else {
        parser.skipChildren();
        if (names.size() < NAMES) {
          names.add(name);
        }
      }
    }
    return new JsonRow(names, columns);
  }

  /** What a column holds. */
  sealed interface Value {
    /** A null. */
    record Null() implements Value {}

    /** A string. */
    record Text(String text) implements Value {}

    /** A list of integers. */
    record Integers(int[] values) implements Value {}

    /** A list of strings, at least one. */
    record Texts(List<String> values) implements Value {}

    /** A whole number. */
    record Whole(long value) implements Value {}

    /** A list that holds something else, which is said. */
    record OtherList(String element) implements Value {}

    /** Something else. */
    record Other(String type) implements Value {}

    /** A key that is there more than once. */
    record Twice() implements Value {}

    /** Reads the value that the parser has come to. */
    static Value of(JsonParser parser) throws IOException {
      return switch (parser.currentToken()) {
        case VALUE_NULL -> new Null();
        case VALUE_STRING -> new Text(parser.getText());
        case START_ARRAY -> list(parser);
        case START_OBJECT -> {
          parser.skipChildren();
          yield new Other("OBJECT");
        }
        case VALUE_TRUE, VALUE_FALSE -> new Other("BOOLEAN");
        case VALUE_NUMBER_INT ->
            parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                ? new Other("NUMBER")
                : new Whole(parser.getLongValue());
        case VALUE_NUMBER_FLOAT -> new Other("NUMBER");
        default -> new Other(parser.currentToken().name());
      };
    }

    private static Value list(JsonParser parser) throws IOException {
      int[] values = new int[FIRST_IDS];
      int count = 0;
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        int value;
        switch (parser.currentToken()) {
          case VALUE_NUMBER_INT -> {
            if (parser.getNumberType() != JsonParser.NumberType.INT) {
              return otherList(parser);
            }
            value = parser.getIntValue();
          }
          case VALUE_TRUE -> value = 1;
          case VALUE_FALSE -> value = 0;
          case VALUE_STRING -> {
            return count == 0 ? texts(parser) : otherList(parser);
          }
          default -> {
            return otherList(parser);
          }
        }
        if (count == values.length) {
          values = Arrays.copyOf(values, count + (count >> 1));
        }
        values[count++] = value;
      }
      return new Integers(Arrays.copyOf(values, count));
    }

    private static Value texts(JsonParser parser) throws IOException {
      List<String> values = new ArrayList<>();
      for (; parser.currentToken() != JsonToken.END_ARRAY; parser.nextToken()) {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
          return otherList(parser);
        }
        values.add(parser.getText());
      }
      return new Texts(List.copyOf(values));
    }

    /** Passes over the rest of a list, from an element on that it should not have. */
    private static Value otherList(JsonParser parser) throws IOException {
      String element =
          switch (parser.currentToken()) {
            case START_ARRAY -> "a list";
            case START_OBJECT -> "an object";
            default -> parser.getText();
          };
      parser.skipChildren();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        parser.skipChildren();
      }
      return new OtherList(element);
    }
  }

  /** The defaults and what masks them, or a column that was chosen. */
  static List<String> asked(Collection<String> columns) {
    Set<String> asked = new LinkedHashSet<>(columns);
    columns.stream().map(AttentionMask::of).forEach(asked::add);
    return List.copyOf(asked);
  }
}
