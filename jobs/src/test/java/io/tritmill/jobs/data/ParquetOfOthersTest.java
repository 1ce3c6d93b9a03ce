package io.tritmill.jobs.data;

import static io.tritmill.jobs.data.DataFixture.all;
import static io.tritmill.jobs.data.DataFixture.assertRefused;
import static io.tritmill.jobs.data.DataFixture.open;
import static io.tritmill.jobs.data.DataFixture.resource;
import static io.tritmill.jobs.data.DataFixture.texts;
import static io.tritmill.jobs.data.DataFixture.tokens;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tritmill.jobs.failure.ExitCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Type;
import org.apache.parquet.format.Util;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parquet files that other programs write, and that nobody should. */
class ParquetOfOthersTest {
  @TempDir Path folder;

  @Test
  void columnsOfOneNameAreRefused() throws IOException {
    Path file = resource("text-twice.parquet", folder);
    assertRefused(ExitCode.BROKEN_INPUT, () -> all(open(file)), "has two columns text; rename one");
  }

  @ParameterizedTest
  @ValueSource(strings = {"other-twice.parquet", "brotli-beside.parquet", "empty-group.parquet"})
  void whatNobodyAskedForIsNoTrouble(String name) throws IOException {
    assertEquals(List.of("one", "two"), texts(open(resource(name, folder))));
  }

  @Test
  void compressionThatIsNotReadIsNamed() throws IOException {
    Path file = resource("brotli.parquet", folder);
    assertRefused(
        ExitCode.UNSUPPORTED,
        () -> all(open(file)),
        "column text is compressed with BROTLI, expected none, snappy, gzip, zstd or lz4");
  }

  @Test
  void aMaskSaysWhatIsText() throws IOException {
    assertEquals(
        List.of(List.of(1, 2, 3), List.of(4, 5), List.of(), List.of(6)),
        tokens(open(resource("padded.parquet", folder))));
    assertEquals(List.of(List.of(1, 2)), tokens(open(resource("padded-bool.parquet", folder))));
    Path holes = resource("holes.parquet", folder);
    assertRefused(ExitCode.BROKEN_INPUT, () -> all(open(holes)), "row 0", "between others");
  }

  @Test
  void aColumnOfNullsIsEmptyTexts() throws IOException {
    assertEquals(List.of("", ""), texts(open(resource("nulls.parquet", folder))));
  }

  private Path withFooter(byte[] footer) throws IOException {
    byte[] magic = "PAR1".getBytes(StandardCharsets.US_ASCII);
    ByteBuffer bytes =
        ByteBuffer.allocate(footer.length + 12)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(magic)
            .put(footer)
            .putInt(footer.length)
            .put(magic);
    return Files.write(folder.resolve("deep.parquet"), bytes.array());
  }

  private static SchemaElement optional(String name) {
    return new SchemaElement(name).setRepetition_type(FieldRepetitionType.OPTIONAL);
  }

  @Test
  void nestingWithoutEndIsRefused() throws IOException {
    byte[] structs = new byte[20_000];
    Arrays.fill(structs, (byte) 0x1C); // field 1, a struct
    structs[0] = (byte) 0xFC; // field 15, which a reader skips
    Path file = withFooter(structs);
    assertRefused(ExitCode.BROKEN_INPUT, () -> all(open(file)), "deep.parquet: ");
    List<SchemaElement> levels = new ArrayList<>();
    for (int level = 0; level < 10_000; level++) {
      levels.add(optional("l").setNum_children(1));
    }
    levels.add(optional("text").setType(Type.BYTE_ARRAY));
    ByteArrayOutputStream footer = new ByteArrayOutputStream();
    Util.writeFileMetaData(new FileMetaData(1, levels, 0, List.of()), footer);
    Path deep = withFooter(footer.toByteArray());
    assertRefused(ExitCode.BROKEN_INPUT, () -> all(open(deep)), "deep.parquet: ");
  }

  @Test
  void theWordsOfOurOwnMistakesAreNoReason() {
    ForeignFile file =
        new ForeignFile(new org.apache.hadoop.fs.Path("x.parquet"), FileKind.PARQUET);
    assertRefused(
        ExitCode.BROKEN_INPUT,
        () ->
            file.read(
                () -> {
                  throw new StackOverflowError();
                }),
        "x.parquet: is no readable Parquet file (its parts are nested too deeply)");
    assertRefused(
        ExitCode.BROKEN_INPUT,
        () ->
            file.read(
                () -> {
                  throw new IllegalStateException(new NullPointerException("Cannot invoke"));
                }),
        "x.parquet: is no readable Parquet file (a part that must be there is missing)");
  }
}
