package io.tritmill.jobs.data;

import static io.tritmill.jobs.data.DataFixture.all;
import static io.tritmill.jobs.data.DataFixture.assertRefused;
import static io.tritmill.jobs.data.DataFixture.column;
import static io.tritmill.jobs.data.DataFixture.open;
import static io.tritmill.jobs.data.DataFixture.texts;
import static io.tritmill.jobs.data.DataFixture.tokens;
import static io.tritmill.jobs.data.DataFixture.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.failure.ExitCode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What strangers write into JSON lines. */
class JsonDocumentsTest {
  @TempDir Path folder;

  private Path lines(String... lines) throws IOException {
    return write(folder.resolve("data.jsonl"), String.join("\n", lines));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a \\ud83d b", "\\udc00", "\\ud83d\\ud83d\\ude00", "\\ud83d"})
  void halfACharacterIsNoText(String text) throws IOException {
    Path file = lines("{\"text\":\"%s\"}".formatted(text));
    assertRefused(ExitCode.BROKEN_INPUT, () -> all(open(file)), "data.jsonl:1: text is no Unicode");
  }

  @Test
  void halfACharacterWhereNobodyLooksIsNoTrouble() throws IOException {
    assertEquals(
        List.of("\ud83d\ude00"),
        texts(open(lines("{\"note\":\"\\ud83d\",\"text\":\"\\ud83d\\ude00\"}"))));
  }

  @Test
  void aColumnThatIsThereTwiceIsRefused() throws IOException {
    Path texts = lines("{\"text\":\"a\",\"text\":\"b\"}");
    assertRefused(
        ExitCode.BROKEN_INPUT, () -> all(open(texts)), ":1: has two columns text; rename one");
    Path masks = lines("{\"input_ids\":[1],\"attention_mask\":[1],\"attention_mask\":[0]}");
    assertRefused(ExitCode.BROKEN_INPUT, () -> all(open(masks)), "two columns attention_mask");
  }

  @Test
  void whatNobodyAskedForMayBeThereTwice() throws IOException {
    assertEquals(
        List.of("a"),
        texts(open(lines("{\"x\":1,\"x\":2,\"y\":{\"text\":1,\"text\":2},\"text\":\"a\"}"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"})
  void otherEncodingsAreRefused(String name) throws IOException {
    Path file = folder.resolve("data.jsonl");
    Files.write(file, "{\"text\":\"naïve\"}\n".getBytes(Charset.forName(name)));
    assertRefused(ExitCode.BROKEN_INPUT, () -> all(open(file)), "data.jsonl:1: ", "UTF-8");
  }

  @Test
  void bytesOfNoEncodingAreRefused() throws IOException {
    Path file = folder.resolve("data.jsonl");
    for (String bytes : List.of("0000007bffffffff", "7b22ff", "7b2274657874223a22c3287d")) {
      Files.write(file, HexFormat.of().parseHex(bytes));
      assertRefused(ExitCode.BROKEN_INPUT, () -> all(open(file)), "data.jsonl:1: ", "UTF-8");
    }
  }

  @Test
  void aMarkOfTheEncodingIsNoText() throws IOException {
    assertEquals(List.of("a"), texts(open(lines("\ufeff{\"text\":\"a\"}"))));
  }

  @Test
  void nullsAreOfTheKindOfWhatFollowsThem() throws IOException {
    Path file = lines("{\"ids\":null}", "{\"ids\":[1,2]}", "{\"ids\":null}", "{\"ids\":[3]}");
    assertEquals(
        List.of(List.of(), List.of(1, 2), List.of(), List.of(3)),
        tokens(open(file, column("ids"))));
    write(folder.resolve("many/a.jsonl"), "{\"ids\":null}\n{\"ids\":null}");
    write(folder.resolve("many/b.jsonl"), "{\"ids\":null}\n{\"ids\":[7]}");
    assertEquals(
        List.of(List.of(), List.of(), List.of(), List.of(7)),
        tokens(open(folder.resolve("many"), column("ids"))));
    assertEquals(List.of("", ""), texts(open(lines("{\"text\":null}", "{\"text\":null}"))));
    Path mixed = lines("{\"ids\":null}", "{\"ids\":[1]}", "{\"ids\":\"x\"}");
    assertRefused(
        ExitCode.BROKEN_INPUT, () -> all(open(mixed, column("ids"))), "holds text", "other kind");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[1,1,1,1]                  | [7, 8, 9, 0]",
        "[1,1,1,0]                  | [7, 8, 9]",
        "[0,1,1,0]                  | [8, 9]",
        "[true,true,false,false]    | [7, 8]",
        "[0,0,0,0]                  | []",
        "null                       | [7, 8, 9, 0]"
      })
  void aMaskSaysWhatIsText(String mask, String expected) throws IOException {
    for (String prefix : List.of("", "chosen_")) {
      Path file =
          lines(
              "{\"%1$sattention_mask\":%2$s,\"labels\":[9],\"%1$sinput_ids\":[7,8,9,0]}"
                  .formatted(prefix, mask));
      assertEquals(
          "[" + expected + "]", tokens(open(file, column(prefix + "input_ids"))).toString());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[1,1]       | attention_mask has 2 entries for 3 token ids",
        "[1,1,2]     | attention_mask holds 2, expected 0 or 1",
        "[1,0,1]     | attention_mask leaves out token ids between others",
        "[1,1,0.5]   | attention_mask is no list of 0 and 1",
        "1           | attention_mask is no list of 0 and 1"
      })
  void masksThatAreNoneAreRefused(String mask, String problem) throws IOException {
    Path file = lines("{\"input_ids\":[7,8,9],\"attention_mask\":%s}".formatted(mask));
    assertRefused(ExitCode.BROKEN_INPUT, () -> all(open(file)), "data.jsonl:1: ", problem);
  }

  @Test
  void otherColumnsBesideAreNotRead() throws IOException {
    assertEquals(
        List.of(List.of(7, 8)),
        tokens(
            open(
                lines(
                    "{\"input_ids\":[7,8],\"labels\":[-100,8],\"special_tokens_mask\":[1,0],"
                        + "\"token_type_ids\":[0,1]}"))));
    assertEquals(
        List.of(List.of(7, 8)),
        tokens(open(lines("{\"ids\":[7,8],\"attention_mask\":[1]}"), column("ids"))));
  }

  @Tag("slow")
  @Test
  void whatIsNotAskedForTakesNoMemory() throws IOException {
    Path file = folder.resolve("data.jsonl.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write("{\"x\":[{}".getBytes(StandardCharsets.UTF_8));
      byte[] many = ",{}".repeat(1 << 16).getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < 300; i++) {
        out.write(many);
      }
      out.write("],\"text\":\"a\"}\n[{}".getBytes(StandardCharsets.UTF_8));
      for (int i = 0; i < 300; i++) {
        out.write(many);
      }
    }
    long before = allocated();
    try (DocumentReader reader = open(file).read()) {
      assertEquals(new Document.Text("a"), reader.next().orElseThrow());
      assertRefused(ExitCode.BROKEN_INPUT, reader::next, "data.jsonl.gz:2: is no JSON object");
    }
    long taken = allocated() - before;
    // A line of 59 MB is there several times while it is gathered; as a tree it took 1.8 GB.
    assertTrue(taken < 900L << 20, taken + " bytes");
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean)
            java.lang.management.ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }
}
