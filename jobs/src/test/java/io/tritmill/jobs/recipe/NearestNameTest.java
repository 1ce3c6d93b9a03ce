package io.tritmill.jobs.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNameTest {
  @ParameterizedTest
  @CsvSource({
    "planes, planes, 0",
    "plane, planes, 1",
    "planse, planes, 1",
    "plenas, planes, 2",
    "'', twn, 3",
    "kitten, sitting, 3"
  })
  void countsEditsBothWays(String from, String to, int edits) {
    assertEquals(edits, NearestName.distance(from, to));
    assertEquals(edits, NearestName.distance(to, from));
  }

  @Test
  void offersTheNearestAndNothingFar() {
    List<String> known = List.of("planes", "group", "tied");
    assertEquals("; did you mean 'planes'?", NearestName.question("plans", known));
    assertEquals("; did you mean 'tied'?", NearestName.question("tide", known));
    assertEquals("", NearestName.question("bits", known));
    assertEquals("", NearestName.question("planes".repeat(1000), known));
    assertEquals("", NearestName.question("", known));
  }
}
