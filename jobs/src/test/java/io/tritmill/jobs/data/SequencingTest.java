package io.tritmill.jobs.data;

import static io.tritmill.jobs.data.DataFixture.STORAGE;
import static io.tritmill.jobs.data.DataFixture.assertRefused;
import static io.tritmill.jobs.data.DataFixture.open;
import static io.tritmill.jobs.data.DataFixture.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.hadoop.fs.FileUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SequencingTest {
  private static final int VOCABULARY = 14;
  private static final int BOS = 0;

  @TempDir Path folder;

  private static Sequencing sequencing(Protocol protocol, int length, int limit) {
    return new Sequencing(protocol, length, limit, VOCABULARY, BOS);
  }

  private EvaluationSet read(Sequencing sequencing, String... lines) throws IOException {
    write(folder.resolve("model/tokenizer.json"), DataFixture.TOKENIZER);
    Path data = write(folder.resolve("d.jsonl"), String.join("\n", lines));
    return sequencing.read(
        open(data),
        () -> Tokenizer.open(STORAGE, STORAGE.path(folder.resolve("model").toString())));
  }

  private static String text(String text) {
    return "{\"text\":\"%s\"}".formatted(text);
  }

  private static String ids(int... ids) {
    return "{\"input_ids\":%s}".formatted(Arrays.toString(ids));
  }

  private static void assertSequences(EvaluationSet set, int[]... expected) {
    assertEquals(
        Stream.of(expected).map(Arrays::toString).toList(),
        set.sequences().stream().map(Arrays::toString).toList());
  }

  @Test
  void documentsBeginWithBosAndAreCut() throws IOException {
    EvaluationSet set =
        read(
            sequencing(Protocol.DOCUMENTS, 4, Sequencing.NO_LIMIT),
            text("abc"),
            text(""),
            text("cccccc"),
            text("<s>"));
    assertSequences(set, new int[] {0, 4, 3}, new int[] {0, 3, 3, 3}, new int[] {0, 5, 6, 7});
    assertEquals(4, set.documents());
    assertEquals(1, set.documentsWithoutPrediction());
    assertEquals(8, set.predictedTokens());
    assertEquals(Protocol.DOCUMENTS, set.protocol());
    assertEquals(4, set.sequenceLength());
  }

  @Test
  void aLimitCountsDocumentsAsTheyStand() throws IOException {
    EvaluationSet set =
        read(sequencing(Protocol.DOCUMENTS, 9, 2), text(""), text("ab"), text("c"), "{broken");
    assertSequences(set, new int[] {0, 4});
    assertEquals(2, set.documents());
  }

  @Test
  void windowsCutTheJoinedTextOnce() throws IOException {
    EvaluationSet set =
        read(
            sequencing(Protocol.WINDOWS, 3, Sequencing.NO_LIMIT),
            text("abc"),
            text(""),
            text("ca"),
            text("b"));
    // <s> ab c \n \n \n \n c a \n \n b: the a and b of two documents do not become one token.
    assertSequences(
        set,
        new int[] {0, 4, 3},
        new int[] {11, 11, 11},
        new int[] {11, 3, 1},
        new int[] {11, 11, 2});
    assertEquals(4, set.documents());
    assertEquals(0, set.documentsWithoutPrediction());
  }

  @Test
  void windowsAreLimitedAndTheirReadingStops() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      lines.add(text("abcca"));
    }
    EvaluationSet all =
        read(sequencing(Protocol.WINDOWS, 5, Sequencing.NO_LIMIT), lines.toArray(String[]::new));
    lines.add("{broken");
    EvaluationSet some = read(sequencing(Protocol.WINDOWS, 5, 7), lines.toArray(String[]::new));
    assertSequences(some, all.sequences().subList(0, 7).toArray(int[][]::new));
  }

  @Test
  void tokenIdsAreTakenAsTheyAre() throws IOException {
    EvaluationSet documents =
        read(
            sequencing(Protocol.DOCUMENTS, 3, Sequencing.NO_LIMIT),
            ids(0, 4, 3, 3),
            ids(4, 3),
            ids(),
            ids(0));
    assertSequences(documents, new int[] {0, 4, 3}, new int[] {0, 4, 3});
    assertEquals(2, documents.documentsWithoutPrediction());
    EvaluationSet windows =
        read(
            sequencing(Protocol.WINDOWS, 3, Sequencing.NO_LIMIT),
            ids(4),
            ids(0, 3),
            ids(),
            ids(5, 6, 7));
    assertSequences(windows, new int[] {0, 4, 0}, new int[] {3, 5, 6});
  }

  @Test
  void noTokenizerIsOpenedForTokenIds() throws IOException {
    Path data = write(folder.resolve("d.jsonl"), ids(1, 2));
    EvaluationSet set =
        sequencing(Protocol.DOCUMENTS, 8, Sequencing.NO_LIMIT)
            .read(
                open(data),
                () -> {
                  throw new AssertionError("opened");
                });
    assertSequences(set, new int[] {0, 1, 2});
  }

  @Test
  void aModelWithoutBosGetsNone() throws IOException {
    Sequencing documents =
        new Sequencing(Protocol.DOCUMENTS, 3, Sequencing.NO_LIMIT, VOCABULARY, -1);
    EvaluationSet set = read(documents, text("cccc"), text("c"));
    assertSequences(set, new int[] {3, 3, 3});
    assertEquals(1, set.documentsWithoutPrediction());
    Sequencing windows = new Sequencing(Protocol.WINDOWS, 3, Sequencing.NO_LIMIT, VOCABULARY, -1);
    assertSequences(read(windows, text("cccc")), new int[] {3, 3, 3});
  }

  @Test
  void whatGivesNoSequenceIsRefused() {
    for (Protocol protocol : Protocol.values()) {
      assertRefused(
          ExitCode.BROKEN_INPUT,
          () -> read(sequencing(protocol, 8, 1), ""),
          "d.jsonl",
          "the data set is empty");
    }
    assertRefused(
        ExitCode.BROKEN_INPUT,
        () -> read(sequencing(Protocol.DOCUMENTS, 8, 9), text(""), text("")),
        "none of its 2 documents");
    assertRefused(
        ExitCode.BROKEN_INPUT,
        () -> read(sequencing(Protocol.WINDOWS, 8, 9), text("ab")),
        "has 2 tokens in all, fewer than a window of 8");
  }

  @Test
  void idsBeyondTheVocabularyAreNamed() {
    for (Protocol protocol : Protocol.values()) {
      assertRefused(
          ExitCode.BROKEN_INPUT,
          () -> read(sequencing(protocol, 4, 9), ids(1, 2), ids(3, 14)),
          "document 1 (counted from 0)",
          "token id 14",
          "has 14 ids");
      assertRefused(
          ExitCode.BROKEN_INPUT,
          () -> read(sequencing(protocol, 4, 9), ids(-1)),
          "document 0",
          "token id -1");
    }
    Sequencing small = new Sequencing(Protocol.DOCUMENTS, 4, 9, 3, BOS);
    assertRefused(
        ExitCode.BROKEN_INPUT, () -> read(small, text("a"), text("c")), "document 1", "token id 3");
  }

  @Test
  void argumentsThatMakeNoSenseAreRefused() {
    assertRefused(ExitCode.USAGE, () -> sequencing(Protocol.WINDOWS, 1, 1), "length is 1");
    assertRefused(ExitCode.USAGE, () -> sequencing(Protocol.WINDOWS, 2, 0), "Limit is 0");
    assertRefused(
        ExitCode.USAGE, () -> Protocol.of("window"), "window is unknown", "documents or windows");
    assertEquals(Protocol.WINDOWS, Protocol.of("windows"));
    assertThrows(
        IllegalArgumentException.class, () -> new Sequencing(Protocol.WINDOWS, 2, 1, 5, 5));
  }

  /** Windows of token ids are the concatenation, in order, without its tail. */
  @Property(tries = 200)
  void windowsOfTokenIdsAreTheirConcatenation(
      @ForAll @Size(min = 1, max = 8) List<@Size(max = 9) List<@IntRange(min = 1, max = 13) Integer>> documents,
      @ForAll @IntRange(min = 2, max = 6) int length)
      throws IOException {
    folder = Files.createTempDirectory("sequencing");
    try {
      int[] all =
          IntStream.concat(
                  IntStream.of(BOS),
                  documents.stream().flatMap(List::stream).mapToInt(Integer::intValue))
              .toArray();
      String[] lines =
          documents.stream()
              .map(ids -> ids(ids.stream().mapToInt(Integer::intValue).toArray()))
              .toArray(String[]::new);
      if (all.length < length) {
        assertRefused(
            ExitCode.BROKEN_INPUT,
            () -> read(sequencing(Protocol.WINDOWS, length, Sequencing.NO_LIMIT), lines),
            "fewer than a window");
        return;
      }
      EvaluationSet set = read(sequencing(Protocol.WINDOWS, length, Sequencing.NO_LIMIT), lines);
      assertArrayEquals(
          Arrays.copyOf(all, all.length - all.length % length),
          set.sequences().stream().flatMapToInt(Arrays::stream).toArray());
    } finally {
      FileUtil.fullyDelete(folder.toFile());
    }
  }
}
