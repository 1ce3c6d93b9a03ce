package io.tritmill.jobs.data;

import static io.tritmill.jobs.data.DataFixture.STORAGE;
import static io.tritmill.jobs.data.DataFixture.open;
import static io.tritmill.jobs.data.DataFixture.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What long texts cost, and that their beginning is what it would be of the whole. */
@Tag("slow")
class SettledTokensTest {
  @TempDir Path folder;

  private Tokenizer tokenizer() throws IOException {
    write(folder.resolve("model/tokenizer.json"), DataFixture.TOKENIZER);
    return Tokenizer.open(STORAGE, STORAGE.path(folder.resolve("model").toString()));
  }

  private static String random(int characters) {
    Random random = new Random(20_261_129);
    StringBuilder text = new StringBuilder();
    while (text.length() < characters) {
      text.append("abc\n".charAt(random.nextInt(4)));
    }
    return text.toString();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 63, 2000, 9000})
  void theBeginningIsThatOfTheWhole(int wanted) throws IOException {
    try (Tokenizer tokenizer = tokenizer()) {
      for (String text : List.of(random(40_000), "ab".repeat(20_000), "a".repeat(40_000))) {
        int[] whole = tokenizer.encode(text);
        assertArrayEquals(
            Arrays.copyOf(whole, Math.min(whole.length, wanted)),
            SettledTokens.first(tokenizer, new Document.Text(text), wanted).orElseThrow());
      }
    }
  }

  @Test
  void aCutTextThatIsTooShortDoesNotTell() throws IOException {
    try (Tokenizer tokenizer = tokenizer()) {
      Document.Text cut = new Document.Text(random(1000), false);
      assertTrue(SettledTokens.first(tokenizer, cut, 63).isEmpty());
      assertTrue(
          SettledTokens.first(tokenizer, new Document.Text(random(9000), false), 63).isPresent());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLongFileCostsWhatItsSequenceUses(boolean zipped) throws IOException {
    Path file = folder.resolve(zipped ? "long.txt.gz" : "long.txt");
    byte[] part = random(1 << 20).getBytes(StandardCharsets.UTF_8);
    try (OutputStream raw = Files.newOutputStream(file);
        OutputStream out = zipped ? new GZIPOutputStream(raw) : raw) {
      for (int i = 0; i < 40; i++) {
        out.write(part);
      }
    }
    int[] expected;
    try (Tokenizer tokenizer = tokenizer()) {
      expected = tokenizer.encode(new String(part, StandardCharsets.UTF_8));
      long before = allocated();
      for (Protocol protocol : Protocol.values()) {
        EvaluationSet set =
            new Sequencing(protocol, 64, 1, 14, -1).read(open(file), this::reopened);
        assertEquals(1, set.sequences().size());
        assertArrayEquals(Arrays.copyOf(expected, 64), set.sequences().getFirst());
      }
      CalibrationSet learned =
          new CalibrationReader(14, -1, 64, 1).read(List.of(open(file)), 4, 0, this::reopened);
      assertArrayEquals(Arrays.copyOf(expected, 64), learned.fitted().getFirst());
      long taken = allocated() - before;
      assertTrue(taken < 500L << 20, taken + " bytes");
    }
  }

  private Tokenizer reopened() {
    return Tokenizer.open(STORAGE, STORAGE.path(folder.resolve("model").toString()));
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean)
            java.lang.management.ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }
}
