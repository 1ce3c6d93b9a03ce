package io.tritmill.jobs.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CalibrationReaderTest {
  private static final int VOCABULARY = 100_000;
  private static final int BOS = 1;
  private static final int LENGTH = 16;

  private final Storage storage = new Storage(new Configuration());

  @TempDir private Path directory;

  @Test
  void sequencesAreFullAndBeginWithBos() throws IOException {
    CalibrationSet set = read(5, 20, 4, documents("a", 200, 10));
    assertEquals(20, set.fitted().size());
    assertEquals(4, set.heldOut().size());
    for (int[] sequence : all(set)) {
      assertEquals(LENGTH, sequence.length);
      assertEquals(BOS, sequence[0]);
    }
    assertEquals(20L * LENGTH, set.fittedTokens());
    assertEquals(List.of(), set.remarks());
  }

  @Test
  void shortDocumentsFollowOneAnotherEachBehindBos() throws IOException {
    CalibrationSet set = read(5, 3, 0, documents("short", 100, 4));
    for (int[] sequence : set.fitted()) {
      assertEquals(LENGTH - 1, sequence.length);
      for (int i = 0; i < sequence.length; i++) {
        assertEquals(i % 5 == 0, sequence[i] == BOS, Arrays.toString(sequence));
      }
    }
  }

  @Test
  void oneLongDocumentGivesManySequences() throws IOException {
    CalibrationSet set = read(5, 8, 2, documents("long", 1, 1000));
    assertEquals(10, all(set).size());
    Set<Integer> seen = new HashSet<>();
    for (int[] sequence : all(set)) {
      for (int i = 1; i < LENGTH; i++) {
        assertTrue(seen.add(sequence[i]), "token " + sequence[i] + " was drawn twice");
      }
    }
  }

  @Test
  void theDrawDependsOnTheSeedAlone() throws IOException {
    Path data = documents("seeded", 300, 20);
    CalibrationSet first = read(5, 20, 4, data);
    CalibrationSet again = read(5, 20, 4, data);
    assertEquals(first.digest(), again.digest());
    for (int s = 0; s < 20; s++) {
      assertArrayEquals(first.fitted().get(s), again.fitted().get(s));
    }
    assertNotEquals(first.digest(), read(6, 20, 4, data).digest());
  }

  @Test
  void heldOutSequencesAreNoneOfTheFitted() throws IOException {
    CalibrationSet set = read(5, 30, 10, documents("held", 400, 15));
    Set<Integer> fitted =
        set.fitted().stream().flatMapToInt(Arrays::stream).boxed().collect(Collectors.toSet());
    fitted.remove(BOS);
    for (int[] sequence : set.heldOut()) {
      assertTrue(Arrays.stream(sequence).noneMatch(fitted::contains));
    }
  }

  @Test
  void severalDataSetsGiveTheSameShare() throws IOException {
    CalibrationSet set = read(5, 24, 8, documents("a", 100, 15), documents("b", 100, 15, 50_000));
    for (List<int[]> part : List.of(set.fitted(), set.heldOut())) {
      long second = part.stream().filter(sequence -> sequence[1] >= 50_000).count();
      assertEquals(part.size() / 2, second);
    }
  }

  @Test
  void tooLittleTextIsSaid() throws IOException {
    CalibrationSet set = read(5, 20, 4, documents("few", 8, 15));
    assertEquals(8, all(set).size());
    assertEquals(1, set.heldOut().size());
    assertTrue(
        set.remarks()
            .getFirst()
            .endsWith("holds 8 calibration sequences of 16 tokens, fewer than" + " the 24 wanted"),
        set.remarks()::toString);
  }

  @Test
  void textForNoSequenceIsRefused() throws IOException {
    Path data = documents("tiny", 1, 3);
    BadInputException e = assertThrows(BadInputException.class, () -> read(5, 2, 0, data));
    assertTrue(
        e.getMessage().contains("does not hold one calibration sequence of 16 tokens"),
        e.getMessage());
  }

  private static List<int[]> all(CalibrationSet set) {
    return java.util.stream.Stream.concat(set.fitted().stream(), set.heldOut().stream()).toList();
  }

  private CalibrationSet read(long seed, int fitted, int heldOut, Path... data) {
    List<Documents> documents =
        Arrays.stream(data)
            .map(
                path ->
                    Documents.open(
                        storage, storage.path(path.toString()), Documents.Selection.DEFAULT))
            .toList();
    return new CalibrationReader(VOCABULARY, BOS, LENGTH, seed)
        .read(documents, fitted, heldOut, CalibrationReaderTest::noTokenizer);
  }

  private static Tokenizer noTokenizer() {
    throw new AssertionError("The data hold token ids");
  }

  private Path documents(String name, int count, int tokens) throws IOException {
    return documents(name, count, tokens, 10);
  }

  /** Documents of token ids, none of which occurs twice. */
  private Path documents(String name, int count, int tokens, int firstId) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int d = 0; d < count; d++) {
      int first = firstId + d * tokens;
      String ids =
          IntStream.range(first, first + tokens)
              .mapToObj(Integer::toString)
              .collect(Collectors.joining(","));
      lines.append("{\"input_ids\": [").append(ids).append("]}\n");
    }
    Path file = directory.resolve(name + ".jsonl");
    Files.writeString(file, lines.toString());
    return file;
  }
}
