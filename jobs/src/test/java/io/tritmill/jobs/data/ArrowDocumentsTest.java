package io.tritmill.jobs.data;

import static io.tritmill.jobs.data.ArrowFixture.batches;
import static io.tritmill.jobs.data.ArrowFixture.dictionary;
import static io.tritmill.jobs.data.ArrowFixture.fixedLists;
import static io.tritmill.jobs.data.ArrowFixture.largeLists;
import static io.tritmill.jobs.data.ArrowFixture.largeStrings;
import static io.tritmill.jobs.data.ArrowFixture.lists;
import static io.tritmill.jobs.data.ArrowFixture.strings;
import static io.tritmill.jobs.data.ArrowFixture.views;
import static io.tritmill.jobs.data.DataFixture.all;
import static io.tritmill.jobs.data.DataFixture.assertRefused;
import static io.tritmill.jobs.data.DataFixture.column;
import static io.tritmill.jobs.data.DataFixture.open;
import static io.tritmill.jobs.data.DataFixture.texts;
import static io.tritmill.jobs.data.DataFixture.tokens;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.data.ArrowFixture.Column;
import io.tritmill.jobs.data.ArrowFixture.Format;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.compression.CompressionUtil.CodecType;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ArrowDocumentsTest {
  private static final String LONG = "a text of more than twelve bytes: naïve 東京 🙂";
  private static final List<String> FIRST = List.of("one", "", LONG);
  private static final List<String> SECOND = List.of(LONG, "two");

  @TempDir Path folder;

  private Path file(Format format, CodecType codec, List<Column> batches) throws IOException {
    return Files.write(folder.resolve("d.arrow"), ArrowFixture.write(format, codec, batches));
  }

  private static Stream<Arguments> forms() {
    return Arrays.stream(Format.values())
        .flatMap(
            format -> Arrays.stream(CodecType.values()).map(codec -> Arguments.of(format, codec)));
  }

  @ParameterizedTest
  @MethodSource("forms")
  void stringsOfEveryTypeAreTexts(Format format, CodecType codec) throws IOException {
    String[] first = {"one", null, LONG};
    String[] second = {LONG, "two"};
    List<String> expected = Stream.concat(FIRST.stream(), SECOND.stream()).toList();
    for (List<Column> batches :
        List.of(
            List.of(strings("text", first), strings("text", second)),
            List.of(largeStrings("text", first), largeStrings("text", second)),
            List.of(views("text", first), views("text", second)),
            List.of(
                dictionary("text", List.of("two", "one", LONG), "one", null, LONG, LONG, "two")))) {
      assertEquals(expected, texts(open(file(format, codec, batches))));
    }
  }

  @ParameterizedTest
  @MethodSource("forms")
  void listsOfIntegersAreTokens(Format format, CodecType codec) throws IOException {
    int[] longer =
        Random.from(java.util.random.RandomGenerator.getDefault()).ints(300, 0, 9).toArray();
    List<List<Integer>> found =
        tokens(
            open(file(format, codec, List.of(lists("input_ids", new int[] {1, 2}, null, longer)))));
    assertEquals(List.of(List.of(1, 2), List.of(), Arrays.stream(longer).boxed().toList()), found);
    assertEquals(
        List.of(List.of(7), List.of()),
        tokens(
            open(
                file(
                    format,
                    codec,
                    List.of(largeLists("input_ids", new long[] {7}, new long[0]))))));
    assertEquals(
        List.of(List.of(1, 2), List.of(3, 4)),
        tokens(
            open(
                file(
                    format,
                    codec,
                    List.of(fixedLists("input_ids", new short[] {1, 2}, new short[] {3, 4}))))));
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void entriesOfADictionaryAreTexts(Format format) throws IOException {
    Column words = dictionary("text", List.of("two", "one", LONG), "one", null, LONG, LONG, "two");
    assertEquals(
        List.of("one", "", LONG, LONG, "two"),
        texts(open(file(format, CodecType.NO_COMPRESSION, List.of(words)))));
  }

  @Test
  void aReaderStopsWhereItIsLeft() throws IOException {
    Path file =
        file(Format.STREAM, CodecType.NO_COMPRESSION, batches(50, i -> strings("text", "t" + i)));
    byte[] content = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(content, content.length / 2));
    try (DocumentReader reader = open(file).read()) {
      assertEquals(new Document.Text("t0"), reader.next().orElseThrow());
      assertEquals(new Document.Text("t1"), reader.next().orElseThrow());
    }
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void theEndRemainsTheEnd(Format format) throws IOException {
    Path file = file(format, CodecType.NO_COMPRESSION, List.of(strings("text", "one")));
    try (DocumentReader reader = open(file).read()) {
      assertTrue(reader.next().isPresent());
      assertTrue(reader.next().isEmpty());
      assertTrue(reader.next().isEmpty());
    }
  }

  @Test
  void anotherColumnIsReadByName() throws IOException {
    Path file = file(Format.STREAM, CodecType.NO_COMPRESSION, List.of(strings("story", "one")));
    assertEquals(List.of("one"), texts(open(file, column("story"))));
    assertRefused(
        ExitCode.BROKEN_INPUT,
        () -> all(open(file)),
        "d.arrow",
        "no column text or input_ids",
        "[story]");
    assertRefused(
        ExitCode.BROKEN_INPUT, () -> all(open(file, column("body"))), "no column body", "[story]");
  }

  @Test
  void idsThatNoVocabularyHasAndTypesThatAreNoDocumentAreRefused() throws IOException {
    Path wide =
        file(
            Format.STREAM,
            CodecType.NO_COMPRESSION,
            List.of(largeLists("input_ids", new long[] {1}, new long[] {5_000_000_000L})));
    assertRefused(
        ExitCode.BROKEN_INPUT, () -> all(open(wide)), "row 1 (counted from 0)", "5000000000");
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(Format.class)
  void everyPrefixIsRefusedOrRemarkedOn(Format format) throws IOException {
    byte[] whole =
        ArrowFixture.write(
            format, CodecType.NO_COMPRESSION, batches(3, i -> strings("text", "t" + i, LONG)));
    List<Integer> read = new ArrayList<>();
    for (int length = 0; length < whole.length; length++) {
      Path file = Files.write(folder.resolve("d.arrow"), Arrays.copyOf(whole, length));
      Documents documents = open(file);
      try {
        read.add(all(documents).size());
        assertTrue(documents.remarks().getFirst().contains("is it complete?"));
      } catch (BadInputException e) {
        assertEquals(ExitCode.BROKEN_INPUT, e.exitCode());
        assertTrue(e.getMessage().contains("d.arrow"), e.getMessage());
      }
    }
    // A stream that breaks off between two messages looks like one without the mark of its end.
    assertEquals(format == Format.STREAM ? List.of(0, 2, 4, 6) : List.of(), read);
  }

  @Test
  void columnsOfOneNameAreRefusedAndOthersAreNoTrouble() throws IOException {
    Path twice =
        rows(strings("text", "a", "b"), strings("text", "x", "y"), strings("other", "1", "2"));
    assertRefused(
        ExitCode.BROKEN_INPUT, () -> all(open(twice)), "has two columns text; rename one");
    assertEquals(List.of("1", "2"), texts(open(twice, column("other"))));
  }

  @Test
  void aMaskSaysWhatIsText() throws IOException {
    Path padded =
        rows(
            lists("input_ids", new int[] {1, 2, 0}, new int[] {0, 3, 4}, null),
            lists("attention_mask", new int[] {1, 1, 0}, new int[] {0, 1, 1}, null));
    assertEquals(List.of(List.of(1, 2), List.of(3, 4), List.of()), tokens(open(padded)));
    Path hole =
        rows(lists("input_ids", new int[] {1, 2, 3}), lists("attention_mask", new int[] {1, 0, 1}));
    assertRefused(ExitCode.BROKEN_INPUT, () -> all(open(hole)), "row 0", "between others");
    Path none = rows(lists("input_ids", new int[] {1}), strings("attention_mask", "1"));
    assertRefused(
        ExitCode.BROKEN_INPUT, () -> all(open(none)), "column attention_mask has type Utf8");
  }

  /** A stream of one batch with these columns. */
  private Path rows(Column... columns) throws IOException {
    Path file = folder.resolve("d.arrow");
    try (BufferAllocator allocator = new RootAllocator();
        VectorSchemaRoot root =
            VectorSchemaRoot.of(
                Arrays.stream(columns)
                    .map(column -> column.vector(allocator, new MapDictionaryProvider()))
                    .toArray(FieldVector[]::new));
        ArrowStreamWriter writer =
            new ArrowStreamWriter(root, null, Files.newByteChannel(file, CREATE, WRITE))) {
      root.setRowCount(root.getVector(0).getValueCount());
      writer.start();
      writer.writeBatch();
      writer.end();
    }
    return file;
  }

  @Test
  void decimalsThatNobodyAskedForAreNoTrouble() throws IOException {
    Path file = DataFixture.resource("small-decimals.arrow", folder);
    assertEquals(List.of("one", "two"), texts(open(file)));
    assertRefused(
        ExitCode.BROKEN_INPUT, () -> all(open(file, column("price"))), "column price has type");
  }

  private static Stream<Arguments> smallFiles() {
    List<Column> words = List.of(dictionary("text", List.of("a", LONG), LONG, "a", null, "a"));
    return Arrays.stream(Format.values())
        .flatMap(
            format ->
                Stream.of(
                    Arguments.of(format, CodecType.NO_COMPRESSION, "dictionary", words),
                    Arguments.of(
                        format,
                        CodecType.LZ4_FRAME,
                        "strings",
                        List.of(strings("text", "one", null, LONG))),
                    Arguments.of(
                        format,
                        CodecType.ZSTD,
                        "lists",
                        List.of(lists("input_ids", new int[] {1, 2}, null, new int[50]))),
                    Arguments.of(
                        format,
                        CodecType.NO_COMPRESSION,
                        "views",
                        List.of(views("text", "one", null, LONG)))));
  }

  @Tag("slow")
  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("smallFiles")
  void damageAtAnyByteIsReadOrRefused(
      Format format, CodecType codec, String kind, List<Column> batches) throws IOException {
    byte[] whole = ArrowFixture.write(format, codec, batches);
    int refused = 0;
    for (int position = 0; position < whole.length; position++) {
      byte[] damaged = whole.clone();
      damaged[position] = (byte) (position % 2 == 0 ? 0xFF : damaged[position] ^ 1 << position % 8);
      refused += outcome(damaged, position);
    }
    assertTrue(refused > 0, kind);
  }

  @Tag("slow")
  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("smallFiles")
  void damageAtManyBytesIsReadOrRefused(
      Format format, CodecType codec, String kind, List<Column> batches) throws IOException {
    byte[] whole = ArrowFixture.write(format, codec, batches);
    long seed = 20_260_101;
    Random random = new Random(seed);
    int refused = 0;
    for (int trial = 0; trial < 300; trial++) {
      byte[] damaged = whole.clone();
      for (int flips = random.nextInt(1, 9); flips > 0; flips--) {
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      }
      refused += outcome(damaged, trial);
    }
    assertTrue(refused > 0, kind + ", seed " + seed);
  }

  /** 1 if refused, 0 if read; anything else is a failure that says where the damage was. */
  private int outcome(byte[] content, int place) throws IOException {
    Path file = Files.write(folder.resolve("d.arrow"), content);
    try {
      all(open(file));
      return 0;
    } catch (BadInputException e) {
      assertEquals(ExitCode.BROKEN_INPUT, e.exitCode(), e.getMessage());
      return 1;
    } catch (Throwable e) {
      throw new AssertionError("damage " + place, e);
    }
  }

  @Test
  void lengthsBeyondTheFileAreRefusedBeforeMemoryIsTaken() throws IOException {
    byte[] whole =
        ArrowFixture.write(
            Format.STREAM, CodecType.NO_COMPRESSION, List.of(strings("text", "one")));
    ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).putInt(4, Integer.MAX_VALUE);
    Path file = Files.write(folder.resolve("d.arrow"), whole);
    assertRefused(
        ExitCode.BROKEN_INPUT, () -> all(open(file)), "message header of 2147483647 bytes");
  }

  @Test
  void bytesAfterTheEndAreRefused() throws IOException {
    byte[] whole =
        ArrowFixture.write(
            Format.STREAM, CodecType.NO_COMPRESSION, List.of(strings("text", "one")));
    Path file = Files.write(folder.resolve("d.arrow"), Arrays.copyOf(whole, whole.length + 3));
    assertRefused(ExitCode.BROKEN_INPUT, () -> all(open(file)), "3 bytes after the end");
  }
}
