package io.tritmill.jobs.storage;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * JSON of strangers: UTF-8 only, at most 16 levels deep, no key twice in an object, nothing after
 * the end.
 */
public final class StrictJson {
  private static final int DEPTH = 16;
  private static final int TEXT = 100_000_000;
  private static final int NAME = 65_536;

  /** A tree takes some hundred bytes for what may be two in a file. */
  private static final long TREE = 6_000_000;

  // A shared table of names would only be a target for collisions. Python writes Infinity and NaN.
  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEPTH)
                  .maxStringLength(TEXT)
                  .maxNameLength(NAME)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private static final JsonMapper MAPPER =
      JsonMapper.builder(FACTORY)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .build();

  private StrictJson() {}

  /**
   * Reads one object into maps, lists, strings, numbers, booleans and nulls.
   *
   * @param file named in messages
   * @throws BadInputException if it is anything else
   */
  public static Map<String, Object> object(String file, byte[] utf8) {
    try {
      Map<String, Object> object = MAPPER.readValue(reader(utf8), new TypeReference<>() {});
      if (object != null) {
        return object;
      }
      throw BadInputException.broken("%s: is null, expected a JSON object", file);
    } catch (IOException e) {
      throw refused(file, "the file", e);
    }
  }

  /**
   * Reads any value as a tree, of so many parts at most that it is bounded by what is real.
   *
   * @param file named in messages
   * @throws BadInputException if it is anything else
   */
  public static JsonNode tree(String file, byte[] utf8) {
    try (JsonParser counted = parser(utf8)) {
      long parts = 0;
      while (counted.nextToken() != null) {
        if (++parts > TREE) {
          throw BadInputException.broken(
              "%s: has more than %d names, values and brackets; is it what it seems?", file, TREE);
        }
      }
      return MAPPER.readTree(reader(utf8));
    } catch (IOException e) {
      throw refused(file, "the file", e);
    }
  }

  /** Indented JSON that ends with a line break, which {@link #object} reads as it was. */
  public static byte[] document(Map<String, Object> object) {
    try {
      return (MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(object) + "\n")
          .getBytes(StandardCharsets.UTF_8);
    } catch (JacksonException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A parser over UTF-8 bytes, under the same rules. */
  public static JsonParser parser(byte[] utf8) throws IOException {
    return FACTORY.createParser(reader(utf8));
  }

  /**
   * What to throw for bytes that are no such JSON.
   *
   * @param part of the file that was being read
   */
  public static BadInputException refused(String file, String part, IOException cause) {
    if (cause instanceof JacksonException json) {
      String reason =
          json.getOriginalMessage()
              .lines()
              .findFirst()
              .orElse("")
              .replaceFirst(" \\(start marker.*", "")
              .strip();
      long at = json.getLocation() == null ? 0 : json.getLocation().getCharOffset();
      return BadInputException.broken(
          "%s: %s is not sound JSON (%s, near character %d); is the download complete?",
          file, part, Printable.of(reason), at);
    }
    return BadInputException.broken(
        "%s: %s is not UTF-8, expected JSON; is the download complete?", file, part);
  }

  private static Reader reader(byte[] utf8) {
    return new InputStreamReader(
        new ByteArrayInputStream(utf8),
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT));
  }
}
