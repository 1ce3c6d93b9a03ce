package io.tritmill.jobs.data;

import static io.tritmill.jobs.data.DataFixture.all;
import static io.tritmill.jobs.data.DataFixture.assertRefused;
import static io.tritmill.jobs.data.DataFixture.column;
import static io.tritmill.jobs.data.DataFixture.open;
import static io.tritmill.jobs.data.DataFixture.texts;
import static io.tritmill.jobs.data.DataFixture.tokens;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParquetDocumentsTest {
  private static final String TEXT =
      "message m { optional binary text (STRING); required int64 n; }";

  @TempDir Path folder;

  private Path write(
      String schema, CompressionCodecName codec, int rows, BiConsumer<Group, Integer> fill)
      throws IOException {
    MessageType type = MessageTypeParser.parseMessageType(schema);
    Path file = folder.resolve("d.parquet");
    Files.deleteIfExists(file);
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(file))
            .withConf(new PlainParquetConfiguration())
            .withType(type)
            .withCompressionCodec(codec)
            .withRowGroupSize(4_000L)
            .withMinRowCountForPageSizeCheck(10)
            .build()) {
      for (int row = 0; row < rows; row++) {
        SimpleGroup group = new SimpleGroup(type);
        fill.accept(group, row);
        writer.write(group);
      }
    }
    return file;
  }

  private static void text(Group group, int row) {
    if (row % 7 != 3) {
      group.add("text", "row %d naïve 東京 🙂".formatted(row * 7919));
    }
    group.add("n", (long) row);
  }

  @ParameterizedTest
  @EnumSource(
      value = CompressionCodecName.class,
      names = {"UNCOMPRESSED", "SNAPPY", "GZIP", "LZ4_RAW", "ZSTD"})
  void rowsComeInOrderFromAllRowGroups(CompressionCodecName codec) throws IOException {
    Path file = write(TEXT, codec, 500, ParquetDocumentsTest::text);
    List<String> expected =
        IntStream.range(0, 500)
            .mapToObj(row -> row % 7 == 3 ? "" : "row %d naïve 東京 🙂".formatted(row * 7919))
            .toList();
    assertEquals(expected, texts(open(file)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "optional group input_ids (LIST) { repeated group list { optional int32 element; } }",
        "required group input_ids (LIST) { repeated group bag { required int64 array_element; } }",
        "optional group input_ids (LIST) { repeated int32 element; }",
        "repeated int64 input_ids;"
      })
  void listsOfEveryShapeAreTokens(String field) throws IOException {
    boolean wide = field.contains("int64");
    Path file =
        write(
            "message m { " + field + " }",
            CompressionCodecName.ZSTD,
            3,
            (row, number) -> {
              Group list = field.startsWith("repeated") ? row : row.addGroup(0);
              for (int id = 0; id < number; id++) {
                Group entry = field.contains("repeated group") ? list.addGroup(0) : list;
                if (wide) {
                  entry.add(0, 10L + id);
                } else {
                  entry.add(0, 10 + id);
                }
              }
            });
    assertEquals(List.of(List.of(), List.of(10), List.of(10, 11)), tokens(open(file)));
  }

  @Test
  void otherColumnsAreReadByNameOrRefused() throws IOException {
    Path file =
        write(
            "message m { required binary story; required double score; }",
            CompressionCodecName.SNAPPY,
            1,
            (row, number) -> {
              row.add("story", "one");
              row.add("score", 1.5);
            });
    assertEquals(List.of("one"), texts(open(file, column("story"))));
    assertRefused(ExitCode.BROKEN_INPUT, () -> all(open(file)), "no column text", "[story, score]");
    assertRefused(
        ExitCode.BROKEN_INPUT,
        () -> all(open(file, column("score"))),
        "column score has type required double score");
  }

  @Test
  void wideIdsAndNullsAmongIdsAreRefused() throws IOException {
    Path wide =
        write(
            "message m { repeated int64 input_ids; }",
            CompressionCodecName.SNAPPY,
            1,
            (row, number) -> row.add(0, 5_000_000_000L));
    assertRefused(ExitCode.BROKEN_INPUT, () -> all(open(wide)), "row 0", "5000000000");
    Path hole =
        write(
            "message m { optional group input_ids (LIST) { repeated group list { optional int32"
                + " element; } } }",
            CompressionCodecName.SNAPPY,
            1,
            (row, number) -> row.addGroup(0).addGroup(0));
    assertRefused(ExitCode.BROKEN_INPUT, () -> all(open(hole)), "row 0", "null among token ids");
  }

  @Test
  void everyPrefixIsRefused() throws IOException {
    Path file = write(TEXT, CompressionCodecName.SNAPPY, 5, ParquetDocumentsTest::text);
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertRefused(ExitCode.BROKEN_INPUT, () -> all(open(file)), "d.parquet");
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(
      value = CompressionCodecName.class,
      names = {"UNCOMPRESSED", "SNAPPY", "ZSTD"})
  void damageIsReadOrRefused(CompressionCodecName codec) throws IOException {
    Path file = write(TEXT, codec, 20, ParquetDocumentsTest::text);
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(20_260_101);
    int refused = 0;
    for (int position = 0; position < whole.length; position++) {
      byte[] damaged = whole.clone();
      damaged[position] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, damaged);
      try {
        all(open(file));
      } catch (BadInputException e) {
        assertEquals(ExitCode.BROKEN_INPUT, e.exitCode(), e.getMessage());
        refused++;
      } catch (Throwable e) {
        throw new AssertionError("damage at byte " + position, e);
      }
    }
    assertTrue(refused > 0);
  }
}
