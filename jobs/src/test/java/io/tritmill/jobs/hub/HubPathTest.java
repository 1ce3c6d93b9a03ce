package io.tritmill.jobs.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.failure.BadInputException;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubPathTest {
  private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  /** Kind, name, revision, file. */
  private static String words(HubPath path) {
    return "%s %s %s [%s]"
        .formatted(
            path.repository().kind(), path.repository().name(), path.revision(), path.file());
  }

  @ParameterizedTest
  @CsvSource({
    "hf://org/name, MODEL org/name main []",
    "hf://org/name/, MODEL org/name main []",
    "hf://models/org/name, MODEL org/name main []",
    "hf://org/name/config.json, MODEL org/name main [config.json]",
    "hf://org/name@v1.0/a/b.json, MODEL org/name v1.0 [a/b.json]",
    "hf://org/name@refs%2Fpr%2F1/a, MODEL org/name refs/pr/1 [a]",
    "hf://org/name@refs/pr/1/a, MODEL org/name refs/pr/1 [a]",
    "hf://org/name@refs/pr/1, MODEL org/name refs/pr/1 []",
    "hf://org/name@refs/other/1, MODEL org/name refs [other/1]",
    "hf://org/name@feature%2Fx+y/a, MODEL org/name feature/x+y [a]",
    "hf://datasets/org/name@refs/convert/parquet/default/train/0.parquet,"
        + " DATASET org/name refs/convert/parquet [default/train/0.parquet]",
    "hf://datasets/org/name/data, DATASET org/name main [data]",
    "hf://gpt2, MODEL gpt2 main []",
    "hf://gpt2@v1, MODEL gpt2 v1 []",
    "hf://gpt2@refs%2Fpr%2F1/x/y, MODEL gpt2 refs/pr/1 [x/y]",
    "hf://datasets/squad@v1/plain/x, DATASET squad v1 [plain/x]",
    "hf://org/name/with@sign, MODEL org/name main [with@sign]",
    "hf://org/name/a b, MODEL org/name main [a b]"
  })
  void theFirstReadingIs(String text, String expected) {
    assertEquals(expected, words(HubPath.readings(new Path(text)).getFirst()));
  }

  @Test
  void aNameMayStandWithoutAnOrganization() {
    List<HubPath> readings = HubPath.readings(new Path("hf://datasets/squad/plain/x"));
    assertEquals(
        List.of("DATASET squad/plain main [x]", "DATASET squad main [plain/x]"),
        readings.stream().map(HubPathTest::words).toList());
    assertEquals(1, HubPath.readings(new Path("hf://org/name@main/x")).size());
    assertEquals(
        List.of("MODEL a main [b c/d]"),
        HubPath.readings(new Path("hf://a/b c/d")).stream().map(HubPathTest::words).toList());
  }

  /** What a commit is written as means the same again. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "hf://org/name",
        "hf://gpt2/config.json",
        "hf://datasets/org/name@refs%2Fpr%2F1/a b/c%20d",
        "hf://datasets/squad@v1"
      })
  void aCommitsPathIsReadBack(String text) {
    for (HubPath reading : HubPath.readings(new Path(text))) {
      Path pinned = reading.at(COMMIT);
      HubPath again = HubPath.readings(new Path(pinned.toString())).getFirst();
      assertEquals(new HubPath(reading.repository(), COMMIT, reading.file()), again);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hf:///",
        "hf://datasets",
        "hf://datasets/",
        "hf://org/name@",
        "hf://org/name@a%2F..%2Fb",
        "hf://org/name@%zz",
        "hf://org/name@a%0Ab",
        "hf://@main/x",
        "hf://org/na me@main"
      })
  void whatNamesNoRepositoryIsUsage(String text) {
    BadInputException refusal =
        assertThrows(BadInputException.class, () -> HubPath.readings(new Path(text)));
    assertTrue(refusal.getMessage().contains("names no repository"), refusal.getMessage());
  }

  @Test
  void otherKindsAreNotSupported() {
    BadInputException refusal =
        assertThrows(
            BadInputException.class, () -> HubPath.readings(new Path("hf://spaces/org/name")));
    assertTrue(refusal.getMessage().contains("spaces of the Hub are not read"));
  }
}
