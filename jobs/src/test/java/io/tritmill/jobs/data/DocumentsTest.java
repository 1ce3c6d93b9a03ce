package io.tritmill.jobs.data;

import static io.tritmill.jobs.data.ArrowFixture.lists;
import static io.tritmill.jobs.data.ArrowFixture.strings;
import static io.tritmill.jobs.data.DataFixture.all;
import static io.tritmill.jobs.data.DataFixture.assertRefused;
import static io.tritmill.jobs.data.DataFixture.column;
import static io.tritmill.jobs.data.DataFixture.open;
import static io.tritmill.jobs.data.DataFixture.split;
import static io.tritmill.jobs.data.DataFixture.texts;
import static io.tritmill.jobs.data.DataFixture.tokens;
import static io.tritmill.jobs.data.DataFixture.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.data.ArrowFixture.Column;
import io.tritmill.jobs.data.ArrowFixture.Format;
import io.tritmill.jobs.failure.ExitCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.arrow.vector.compression.CompressionUtil.CodecType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a data set may be, apart from the inside of Arrow and Parquet files. */
class DocumentsTest {
  @TempDir Path folder;

  private static void arrow(Path file, Column column) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, ArrowFixture.write(Format.STREAM, CodecType.NO_COMPRESSION, List.of(column)));
  }

  /** A folder as {@code save_to_disk} writes it; the order in state.json is not that of names. */
  private static void save(Path target, String fingerprint, String... texts) throws IOException {
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < texts.length; i++) {
      String name = "data-%d.arrow".formatted(texts.length - i);
      arrow(target.resolve(name), strings("text", texts[i]));
      names.append(i == 0 ? "" : ",").append("{\"filename\":\"%s\"}".formatted(name));
    }
    write(
        target.resolve("state.json"),
        "{\"_data_files\":[%s],\"_fingerprint\":%s,\"_split\":null}".formatted(names, fingerprint));
    write(target.resolve("dataset_info.json"), "{}");
  }

  private static void dictionary(Path target, String... splits) throws IOException {
    for (String split : splits) {
      save(target.resolve(split), "\"0123\"", "from " + split);
    }
    write(
        target.resolve("dataset_dict.json"),
        "{\"splits\":[\"%s\"]}".formatted(String.join("\",\"", splits)));
  }

  @Test
  void savedFoldersAreReadInTheirOwnOrder() throws IOException {
    save(folder, "\"8547bd748864a119\"", "first", "second", "third");
    assertEquals(List.of("first", "second", "third"), texts(open(folder)));
    assertEquals("8547bd748864a119", open(folder).fingerprint());
  }

  @ParameterizedTest
  @CsvSource({
    "train:validation:test, test",
    "train:validation, validation",
    "train, train",
    "test:validation, test"
  })
  void aSplitIsChosenByDefault(String splits, String expected) throws IOException {
    dictionary(folder, splits.split(":"));
    assertEquals(List.of("from " + expected), texts(open(folder)));
  }

  @Test
  void aSplitIsChosenByName() throws IOException {
    dictionary(folder, "train", "test");
    assertEquals(List.of("from train"), texts(open(folder, split("train"))));
    assertRefused(
        ExitCode.USAGE, () -> open(folder, split("dev")), "no split dev", "[train, test]");
    assertRefused(
        ExitCode.USAGE, () -> open(folder.resolve("train"), split("train")), "has no splits");
  }

  @Test
  void withoutADefaultTheSplitsAreListed() throws IOException {
    dictionary(folder, "a", "b");
    assertRefused(ExitCode.USAGE, () -> open(folder), "choose one of the splits [a, b]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x.arrow", "/etc/passwd", "a/b.arrow", "..", "", "s3a:x", "a\\\\b"})
  void filesOutsideTheFolderAreRefused(String name) throws IOException {
    write(
        folder.resolve("state.json"), "{\"_data_files\":[{\"filename\":\"%s\"}]}".formatted(name));
    assertRefused(ExitCode.BROKEN_INPUT, () -> open(folder), "state.json", "plain name");
  }

  @Test
  void splitsOutsideTheFolderAreRefused() throws IOException {
    write(folder.resolve("dataset_dict.json"), "{\"splits\":[\"../other\"]}");
    assertRefused(ExitCode.BROKEN_INPUT, () -> open(folder), "dataset_dict.json", "plain name");
  }

  @Test
  void brokenFoldersAreRefused() throws IOException {
    assertRefused(ExitCode.BROKEN_INPUT, () -> open(folder.resolve("none")), "no such file");
    assertRefused(ExitCode.BROKEN_INPUT, () -> open(folder), "holds no data files", ".parquet");
    write(folder.resolve("state.json"), "{\"_data_files\": [");
    assertRefused(ExitCode.BROKEN_INPUT, () -> open(folder), "state.json", "is no JSON");
    write(folder.resolve("state.json"), "{}");
    assertRefused(ExitCode.BROKEN_INPUT, () -> open(folder), "names no data files");
    write(folder.resolve("state.json"), "{\"_data_files\":[{\"filename\":\"gone.arrow\"}]}");
    assertRefused(ExitCode.BROKEN_INPUT, () -> all(open(folder)), "gone.arrow: no such file");
    write(
        folder.resolve("state.json"),
        "{\"_indices_files\":[{\"filename\":\"i.arrow\"}],\"_data_files\":[]}");
    assertRefused(ExitCode.BROKEN_INPUT, () -> open(folder), "flatten_indices()");
  }

  @Test
  void plainFoldersAreReadByName() throws IOException {
    arrow(folder.resolve("b.arrow"), strings("text", "second"));
    arrow(folder.resolve("a.arrow"), strings("text", "first"));
    write(folder.resolve("README.md"), "about");
    write(folder.resolve("_SUCCESS"), "");
    write(folder.resolve(".hidden.jsonl"), "not read");
    write(folder.resolve("dataset_info.json"), "{}");
    assertEquals(List.of("first", "second"), texts(open(folder)));
    write(folder.resolve("c.jsonl"), "{}");
    assertRefused(ExitCode.BROKEN_INPUT, () -> open(folder), "several kinds (Arrow, JSON lines)");
  }

  @Test
  void textAndTokenIdsAreNotMixed() throws IOException {
    arrow(folder.resolve("a.arrow"), strings("text", "first"));
    arrow(folder.resolve("b.arrow"), lists("input_ids", new int[] {1}));
    assertRefused(
        ExitCode.BROKEN_INPUT, () -> all(open(folder)), "b.arrow", "holds token ids", "other kind");
  }

  @Test
  void fingerprintsOfPlainFilesFollowNamesAndContents() throws IOException {
    Path file = write(folder.resolve("a.txt"), "one");
    String before = open(file).fingerprint();
    assertTrue(before.matches("[0-9a-f]{16}"), before);
    assertEquals(before, open(folder).fingerprint());
    write(file, "two");
    assertNotEquals(before, open(file).fingerprint());
    Path renamed = write(folder.resolve("b.txt"), "one");
    assertNotEquals(before, open(renamed).fingerprint());
  }

  @Test
  void fingerprintsThatAreNoNameAreMadeAnew() throws IOException {
    save(folder, "\"<b>x</b>\"", "one");
    assertTrue(open(folder).fingerprint().matches("[0-9a-f]{16}"));
  }

  @Test
  void aTextFileIsADocument() throws IOException {
    String text = "naïve\n\n東京 🙂\n";
    assertEquals(List.of(text), texts(open(write(folder.resolve("a.txt"), text))));
    assertEquals(List.of(""), texts(open(write(folder.resolve("b.txt"), ""))));
    Path latin = folder.resolve("c.txt");
    Files.write(latin, "naïve".getBytes(StandardCharsets.ISO_8859_1));
    assertRefused(ExitCode.BROKEN_INPUT, () -> all(open(latin)), "c.txt", "not UTF-8");
  }

  @Test
  void jsonLinesAreDocuments() throws IOException {
    Path file =
        write(
            folder.resolve("a.jsonl"),
            "{\"text\":\"one\\n\\u6771\",\"input_ids\":[1]}\r\n\n  \n{\"id\":2,\"text\":null}\n{\"text\":\"\"}");
    assertEquals(List.of("one\n東", "", ""), texts(open(file)));
    assertEquals(
        List.of(List.of(5, 6), List.of(), List.of(7)),
        tokens(
            open(
                write(
                    folder.resolve("b.ndjson"),
                    "{\"input_ids\":[5,6]}\n{\"input_ids\":null}\n{\"input_ids\":[7]}"))));
    assertEquals(
        List.of("x"),
        texts(open(write(folder.resolve("c.json"), "{\"story\":\"x\"}"), column("story"))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"text\":\"x\"   | is no JSON object",
        "[1]               | is no JSON object",
        "{\"text\":1} {}   | is no JSON object",
        "{\"body\":\"x\"}  | no column text; its columns are [body]",
        "{\"text\":3}      | text is of type NUMBER",
        "{\"text\":[1,2.5]}| holds 2.5, expected token ids",
        "{\"text\":[1,null]}| holds null, expected token ids",
        "{\"text\":[9999999999]}| holds 9999999999, expected token ids"
      })
  void brokenLinesAreNamed(String line, String problem) throws IOException {
    Path file = write(folder.resolve("a.jsonl"), "{\"text\":\"x\"}\n" + line + "\n");
    assertRefused(ExitCode.BROKEN_INPUT, () -> all(open(file)), "a.jsonl:2: ", problem);
  }

  @Test
  void gzipIsReadAndItsTruncationNoticed() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      for (int i = 0; i < 500; i++) {
        out.write(
            "{\"text\":\"number %d\"}\n".formatted(i * 7919).getBytes(StandardCharsets.UTF_8));
      }
    }
    Path file = folder.resolve("a.jsonl.gz");
    Files.write(file, bytes.toByteArray());
    assertEquals(500, texts(open(file)).size());
    Files.write(file, Arrays.copyOf(bytes.toByteArray(), bytes.size() / 2));
    assertRefused(ExitCode.BROKEN_INPUT, () -> all(open(file)), "no complete gzip file");
    write(file, "plain text");
    assertRefused(ExitCode.BROKEN_INPUT, () -> all(open(file)), "is no gzip file");
  }

  @Test
  void contentDecidesForASingleFile() throws IOException {
    arrow(folder.resolve("table.bin"), strings("text", "one"));
    assertEquals(List.of("one"), texts(open(folder.resolve("table.bin"))));
    Path other = write(folder.resolve("x.bin"), "?");
    assertRefused(ExitCode.BROKEN_INPUT, () -> open(other), "neither Arrow nor Parquet");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.jsonl.gz", "a.txt.gz"})
  void gzipThatBreaksOffInItsHeaderIsRefused(String name) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write("{\"text\":\"x\"}".getBytes(StandardCharsets.UTF_8));
    }
    Path file = folder.resolve(name);
    for (int length = 0; length < bytes.size(); length++) {
      Files.write(file, Arrays.copyOf(bytes.toByteArray(), length));
      assertRefused(
          ExitCode.BROKEN_INPUT, () -> all(open(file)), name, "no complete gzip file", "download");
    }
  }
}
