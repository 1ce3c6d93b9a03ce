package io.tritmill.jobs.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.storage.Storage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.ipc.ArrowWriter;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArrowHeaderTest {
  @TempDir Path folder;
  private final Storage storage = new Storage(new Configuration(false));

  /** Two batches, of three rows and of two. */
  static byte[] write(boolean stream) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (BufferAllocator allocator = new RootAllocator(1 << 20);
        IntVector id = new IntVector("id", allocator);
        VarCharVector text = new VarCharVector("text", allocator);
        VectorSchemaRoot root = new VectorSchemaRoot(List.of(id, text));
        WritableByteChannel channel = Channels.newChannel(bytes);
        ArrowWriter writer =
            stream
                ? new ArrowStreamWriter(root, null, channel)
                : new ArrowFileWriter(root, null, channel)) {
      writer.start();
      for (int rows = 3; rows >= 2; rows--) {
        for (int row = 0; row < rows; row++) {
          id.setSafe(row, row);
          text.setSafe(row, new byte[] {'a'});
        }
        root.setRowCount(rows);
        writer.writeBatch();
      }
      writer.end();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return bytes.toByteArray();
  }

  private ArrowHeader read(byte[] bytes) throws IOException {
    Path file = folder.resolve("x.arrow");
    Files.write(file, bytes);
    return ArrowHeader.read(storage, storage.path(file.toString()));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void rowsAreCountedByBatch(boolean stream) throws IOException {
    byte[] bytes = write(stream);
    assertTrue(ArrowHeader.begins(bytes));
    ArrowHeader header = read(bytes);
    assertEquals(stream, header.stream());
    assertEquals(Map.of("id", "Int(32, true)", "text", "Utf8"), header.columns());
    assertEquals(List.of("id", "text"), List.copyOf(header.columns().keySet()));
    assertEquals(5, header.rows());
    assertEquals(2, header.batches());
    assertEquals(0, header.dictionaries());
    assertTrue(header.compression().isEmpty());
  }

  @Test
  void aColumnMayGoWithoutAName() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (BufferAllocator allocator = new RootAllocator(1 << 20);
        IntVector nameless = new IntVector((String) null, allocator);
        VectorSchemaRoot root = new VectorSchemaRoot(List.of(nameless));
        ArrowWriter writer = new ArrowStreamWriter(root, null, Channels.newChannel(bytes))) {
      writer.start();
      writer.end();
    }
    assertEquals(Map.of("", "Int(32, true)"), read(bytes.toByteArray()).columns());
  }

  @Test
  void aStreamMayEndWithoutAMark() throws IOException {
    byte[] stream = write(true);
    assertTrue(read(stream).ended());
    ArrowHeader header = read(Arrays.copyOf(stream, stream.length - 8));
    assertEquals(5, header.rows());
    assertFalse(header.ended());
    Inspection listing = Listings.arrow(new org.apache.hadoop.fs.Path("x.arrow"), header);
    assertTrue(listing.summary().get("end_mark").toString().startsWith("missing"));
  }

  @Test
  void moreRowsThanCanBeCountedAreRefused() throws IOException {
    ByteBuffer stream = ByteBuffer.wrap(write(true)).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 8 + stream.getInt(4); at + 8 <= stream.capacity(); at += 8) {
      if (stream.getLong(at) == 3 || stream.getLong(at) == 2) {
        stream.putLong(at, 1L << 62);
      }
    }
    BadInputException refusal = assertThrows(BadInputException.class, () -> read(stream.array()));
    assertEquals(ExitCode.BROKEN_INPUT, refusal.exitCode());
    assertTrue(refusal.getMessage().contains("rows after 4611686018427387904"));
  }

  @Test
  void decimalsOfEverySizeAreListed() throws IOException {
    try (InputStream in =
        getClass().getResourceAsStream("/io/tritmill/jobs/data/small-decimals.arrow")) {
      ArrowHeader header = read(in.readAllBytes());
      assertEquals("Decimal(5, 2, 32)", header.columns().get("price"));
      assertTrue(header.columns().get("deep").contains("a: Decimal(12, 2, 64)"));
      assertEquals("Utf8", header.columns().get("text"));
    }
  }

  @Test
  void truncatedFilesAreRefused() {
    byte[] bytes = write(false);
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      BadInputException refusal =
          assertThrows(BadInputException.class, () -> read(cut), "cut to " + length);
      assertEquals(ExitCode.BROKEN_INPUT, refusal.exitCode());
      assertTrue(refusal.getMessage().contains("x.arrow: "), refusal.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void flippedBytesGiveAListingOrARefusal(boolean stream) throws IOException {
    byte[] sound = write(stream);
    Random random = new Random(3);
    int refused = 0;
    for (int i = 0; i < 1000; i++) {
      byte[] bytes = sound.clone();
      for (int flips = random.nextInt(1, 4); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        assertTrue(read(bytes).rows() >= 0);
      } catch (BadInputException e) {
        assertFalse(e.getMessage().isEmpty());
        refused++;
      }
    }
    assertTrue(refused > 100, "refused " + refused);
  }
}
