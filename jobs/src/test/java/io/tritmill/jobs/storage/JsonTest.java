package io.tritmill.jobs.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.type.TypeReference;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A record that is read is whole, or there is one sentence that names the file and the place. */
class JsonTest {
  /** Of all kinds of components. */
  record Outer(
      String name, @JsonProperty("the_count") long count, @MayBeMissing Double ratio, Inner inner) {
    Outer {
      if (count < 0) {
        throw new IllegalArgumentException("the_count is %d".formatted(count));
      }
    }
  }

  /** In another. */
  record Inner(List<String> words, double error, @MayBeMissing boolean flag) {}

  private static final String WHOLE =
      "{'name': 'a', 'the_count': 3, 'inner': {'words': ['x'], 'error': 0.5}, 'unknown': null}";

  private static byte[] bytes(String json) {
    return json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
  }

  private static Outer read(byte[] content) {
    return Json.read("file:/run/x.json", content, new TypeReference<Outer>() {});
  }

  private static void assertRefused(String reason, byte[] content) {
    BadInputException refused = assertThrows(BadInputException.class, () -> read(content));
    assertEquals(ExitCode.BROKEN_INPUT, refused.exitCode());
    assertEquals(
        "file:/run/x.json: is not the JSON expected here: " + reason, refused.getMessage());
  }

  @Test
  void whatMayBeMissingIsNullOrFalse() {
    Outer expected = new Outer("a", 3, null, new Inner(List.of("x"), 0.5, false));

    assertEquals(expected, read(bytes(WHOLE)));
    assertEquals(expected, read(bytes(WHOLE.replace("'the_count'", "'ratio': null, 'the_count'"))));
    assertEquals(expected, read(Json.document(expected)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "'name': 'a',  |                       | name: name is missing",
        "'the_count': 3,|                      | the_count: the_count is missing",
        "'error': 0.5   | 'flag': true         | inner.error: error is missing",
        "'a'            | null                 | name: name is null",
        "['x']          | null                 | inner.words: words is null",
        "'x'            | null                 | inner.words[0]: words is null",
        "3              | -4                   | the_count is -4",
      })
  void whatIsMissingOrNullOrOutOfItsDomainIsNamed(String part, String other, String reason) {
    String spoiled = WHOLE.replace(part.strip(), other == null ? "" : other.strip());
    BadInputException refused = assertThrows(BadInputException.class, () -> read(bytes(spoiled)));
    assertTrue(refused.getMessage().contains(reason.split(": ")[0]), refused.getMessage());
    assertTrue(refused.getMessage().endsWith(reason.replaceFirst(".*: ", "")), refused::getMessage);
    assertTrue(refused.getMessage().startsWith("file:/run/x.json: "), refused.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.5", "'3x'", "null", "1e30", "{}", "99999999999999999999"})
  void aCountIsAWholeNumber(String count) {
    BadInputException refused =
        assertThrows(BadInputException.class, () -> read(bytes(WHOLE.replace("3", count))));
    assertTrue(refused.getMessage().contains("the_count"), refused.getMessage());
  }

  @Test
  void bytesThatLookLikeAnotherEncodingAreNoUtf8() {
    byte[] likeUtf32 = {0, 0, 0, 0x7b, -1, -1, -1, -1};
    assertRefused("its bytes are no UTF-8", likeUtf32);
    assertThrows(BadInputException.class, () -> read(WHOLE.getBytes(StandardCharsets.UTF_16LE)));
  }

  @Test
  void nothingFollowsTheDocument() {
    assertThrows(BadInputException.class, () -> read(bytes(WHOLE + " x")));
    assertThrows(BadInputException.class, () -> read(bytes(WHOLE + WHOLE)));
  }

  @Test
  void noEntryOfAListOrMapOfRecordsIsNull() {
    assertThrows(
        BadInputException.class,
        () -> Json.read("x", bytes("[null]"), new TypeReference<List<Inner>>() {}));
    assertThrows(
        BadInputException.class,
        () -> Json.read("x", bytes("{'a': null}"), new TypeReference<Map<String, Inner>>() {}));
    Map<String, Object> free =
        Json.read("x", bytes("{'a': null}"), new TypeReference<Map<String, Object>>() {});
    assertTrue(free.containsKey("a"));
  }
}
