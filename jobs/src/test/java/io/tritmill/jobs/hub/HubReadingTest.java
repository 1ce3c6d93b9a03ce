package io.tritmill.jobs.hub;

import static io.tritmill.jobs.hub.HubFixture.CONFIG;
import static io.tritmill.jobs.hub.HubFixture.WEIGHTS;
import static io.tritmill.jobs.hub.HubFixture.path;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.hub.HubServer.Seen;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileRange;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What Hadoop asks of a stream, and how few requests it costs. */
@Tag("slow")
class HubReadingTest {
  private static final HubFixture HUB = new HubFixture();
  private static final Path FILE = path("hf://org/demo/model.safetensors");

  private HubFileSystem hub;

  @BeforeEach
  void open() throws IOException {
    hub = HUB.fileSystem();
    HUB.server.forget();
  }

  @AfterAll
  static void stop() {
    HUB.close();
  }

  private static List<String> ranges() {
    return HUB.server.seen(true).stream().map(Seen::range).toList();
  }

  @Test
  void aFileIsReadInOrderWithFewRequests() throws IOException {
    try (FSDataInputStream in = hub.open(FILE)) {
      byte[] read = new byte[WEIGHTS.length];
      int at = 0;
      for (int count = in.read(read, 0, 1000); count >= 0; count = in.read(read, at, 1000)) {
        at += count;
        if (read.length - at < 1000) {
          break;
        }
      }
      in.readFully(at, read, at, read.length - at);
      assertArrayEquals(WEIGHTS, read);
    }
    assertEquals(8, ranges().size(), ranges()::toString);
    assertEquals("bytes=0-65535", ranges().getFirst());
    assertEquals("bytes=65536-196607", ranges().get(1));
    // The Hub was asked where the file is once.
    assertEquals(1, HUB.server.seen(false).stream().filter(one -> one.range() != null).count());
  }

  @Test
  void aLargeRangeIsOneRequestOfExactlyItsBytes() throws IOException {
    byte[] read = new byte[3_000_000];
    try (FSDataInputStream in = hub.open(FILE)) {
      in.readFully(1_234_567, read, 0, read.length);
      assertEquals(0, in.getPos());
    }
    assertArrayEquals(Arrays.copyOfRange(WEIGHTS, 1_234_567, 4_234_567), read);
    assertEquals(List.of("bytes=1234567-4234566"), ranges());
  }

  @Test
  void seekingInsideWhatWasReadAheadCostsNothing() throws IOException {
    try (FSDataInputStream in = hub.open(FILE)) {
      in.seek(500_000);
      assertEquals(WEIGHTS[500_000] & 0xff, in.read());
      for (int at : new int[] {550_000, 500_001, 565_535, 500_000}) {
        in.seek(at);
        assertEquals(WEIGHTS[at] & 0xff, in.read());
        assertEquals(at + 1, in.getPos());
      }
      assertEquals(100, in.skip(100));
      assertEquals(500_101, in.getPos());
    }
    assertEquals(List.of("bytes=500000-565535"), ranges());
  }

  /** As readers of Parquet do: the last bytes first, then the index before them. */
  @Test
  void theEndOfAFileComesWhole() throws IOException {
    try (FSDataInputStream in = hub.open(FILE)) {
      byte[] read = new byte[8];
      in.readFully(WEIGHTS.length - 8L, read);
      assertArrayEquals(Arrays.copyOfRange(WEIGHTS, WEIGHTS.length - 8, WEIGHTS.length), read);
      read = new byte[50_000];
      in.readFully(WEIGHTS.length - 60_000L, read);
      assertEquals(WEIGHTS[WEIGHTS.length - 60_000], read[0]);
    }
    assertEquals(1, ranges().size(), ranges()::toString);
  }

  @Test
  void rangesThatLieTogetherAreOneRequest() throws Exception {
    List<FileRange> wanted =
        List.of(
            FileRange.createFileRange(8_000_000, 1000),
            FileRange.createFileRange(100, 70_000),
            FileRange.createFileRange(100_000, 50_000));
    try (FSDataInputStream in = hub.open(FILE)) {
      assertTrue(in.hasCapability("in:readvectored"));
      in.readVectored(wanted, ByteBuffer::allocateDirect);
      for (FileRange range : wanted) {
        ByteBuffer data = range.getData().get(10, TimeUnit.SECONDS);
        byte[] read = new byte[data.remaining()];
        data.get(read);
        int from = (int) range.getOffset();
        assertArrayEquals(Arrays.copyOfRange(WEIGHTS, from, from + range.getLength()), read);
      }
      assertThrows(
          EOFException.class,
          () ->
              in.readVectored(
                  List.of(FileRange.createFileRange(WEIGHTS.length - 1L, 2)),
                  ByteBuffer::allocate));
    }
    assertEquals(
        List.of("bytes=100-149999", "bytes=8000000-8000999"), ranges().stream().sorted().toList());
  }

  @Test
  void anyMixtureOfReadsGivesTheBytesOfTheFile() throws IOException {
    Random random = new Random(7);
    try (FSDataInputStream in = hub.open(FILE)) {
      for (int i = 0; i < 60; i++) {
        int at = random.nextInt(WEIGHTS.length);
        byte[] read = new byte[1 + random.nextInt(1 << random.nextInt(21))];
        int count;
        if (random.nextBoolean()) {
          count = in.read(at, read, 0, read.length);
        } else {
          in.seek(at);
          count = in.read(read);
          assertEquals(at + count, in.getPos());
        }
        assertTrue(count > 0);
        assertArrayEquals(Arrays.copyOfRange(WEIGHTS, at, at + count), Arrays.copyOf(read, count));
      }
    }
  }

  @Test
  void theEndAndWhatLiesBehindIt() throws IOException {
    try (FSDataInputStream in = hub.open(FILE)) {
      byte[] read = new byte[10];
      in.seek(WEIGHTS.length);
      assertEquals(-1, in.read());
      assertEquals(-1, in.read(read));
      assertEquals(0, in.read(read, 0, 0));
      assertEquals(0, in.skip(5));
      assertEquals(-1, in.read(WEIGHTS.length, read, 0, 10));
      assertEquals(3, in.read(WEIGHTS.length - 3L, read, 0, 10));
      assertThrows(EOFException.class, () -> in.readFully(WEIGHTS.length - 3L, read));
      assertThrows(EOFException.class, () -> in.seek(WEIGHTS.length + 1L));
      assertThrows(EOFException.class, () -> in.seek(-1));
      assertThrows(EOFException.class, () -> in.read(-1, read, 0, 10));
      assertThrows(IndexOutOfBoundsException.class, () -> in.read(read, 5, 6));
      assertThrows(IndexOutOfBoundsException.class, () -> in.read(0, read, 5, 6));
      assertEquals(WEIGHTS.length, in.getPos());
    }
    try (FSDataInputStream in = hub.open(path("hf://org/demo/empty"))) {
      assertEquals(-1, in.read());
    }
  }

  @Test
  void aClosedStreamIsClosed() throws IOException {
    FSDataInputStream in = hub.open(FILE);
    in.read();
    in.close();
    in.close();
    byte[] read = new byte[1];
    assertThrows(IOException.class, in::read);
    assertThrows(IOException.class, () -> in.read(read));
    assertThrows(IOException.class, () -> in.read(0, read, 0, 1));
    assertThrows(IOException.class, () -> in.seek(0));
    assertThrows(IOException.class, in::available);
  }

  @Test
  void whatIsReadAheadCanBeGivenBack() throws IOException {
    try (FSDataInputStream in = hub.open(FILE)) {
      in.read();
      assertEquals((1 << 16) - 1, in.available());
      in.unbuffer();
      assertEquals(0, in.available());
      assertEquals(WEIGHTS[1] & 0xff, in.read());
    }
  }

  @Test
  void aSmallFileComesFromTheHubItself() throws IOException {
    try (FSDataInputStream in = hub.open(path("hf://org/demo/config.json"))) {
      assertArrayEquals(CONFIG, in.readAllBytes());
    }
    assertEquals(List.of(), HUB.server.seen(true));
  }
}
