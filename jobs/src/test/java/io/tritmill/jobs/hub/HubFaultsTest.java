package io.tritmill.jobs.hub;

import static io.tritmill.jobs.hub.HubFixture.WEIGHTS;
import static io.tritmill.jobs.hub.HubFixture.path;
import static io.tritmill.jobs.hub.HubFixture.read;
import static io.tritmill.jobs.hub.HubFixture.refusal;
import static io.tritmill.jobs.hub.Trouble.status;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.hadoop.fs.FSDataInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the Hub, its store and the network between may do, and what a user then reads. */
@Tag("slow")
class HubFaultsTest {
  private static final String FILE = "hf://org/demo/model.safetensors";

  private final HubFixture hub = new HubFixture();

  @AfterEach
  void stop() {
    hub.close();
  }

  /** Sends the right header and then a part of the bytes, or none in time. */
  private static Trouble cutAfter(int bytes) {
    return exchange -> {
      int[] range = Trouble.range(exchange, WEIGHTS.length);
      Trouble.contentRange(exchange, range[0], range[1], WEIGHTS.length);
      exchange.getResponseHeaders().add("ETag", '"' + HubServer.storeTag(WEIGHTS) + '"');
      exchange.sendResponseHeaders(206, range[1] - range[0] + 1);
      exchange.getResponseBody().write(WEIGHTS, range[0], bytes);
      exchange.getResponseBody().flush();
      return true;
    };
  }

  /** A range with its bytes, which says of itself what it is told to. */
  private static Trouble saying(String contentRange, int bytes, String tag) {
    return exchange -> {
      exchange.getResponseHeaders().add("Content-Range", contentRange);
      exchange.getResponseHeaders().add("ETag", tag);
      exchange.sendResponseHeaders(206, bytes);
      exchange.getResponseBody().write(new byte[bytes]);
      return true;
    };
  }

  @Test
  void whatPassesIsWaitedFor() throws IOException {
    hub.server.troubleHub(status(429, "Retry-After", "0"), status(503), status(502));
    hub.server.troubleStore(status(500), status(429, "RateLimit", "\"resolvers\";r=0;t=1"));
    HubFileSystem files = hub.fileSystem();
    long begin = System.nanoTime();
    assertArrayEquals(WEIGHTS, read(files, FILE));
    assertTrue(System.nanoTime() - begin >= 900_000_000L, "the limit was not waited for");
  }

  @Test
  void whatDoesNotPassEndsInASentence() throws IOException {
    hub.server.troubleHub(Collections.nCopies(8, status(503)).toArray(Trouble[]::new));
    String sentence = refusal(hub.fileSystem(), FILE);
    assertTrue(sentence.contains("tried 8 times (127.0.0.1:"), sentence);
    assertTrue(sentence.contains("answers 503"), sentence);
    assertEquals(8, hub.server.seen().size());
  }

  @Test
  void aWaitOfHoursIsNotWaited() throws IOException {
    hub.server.troubleHub(status(429, "Retry-After", "7200"));
    assertTrue(refusal(hub.fileSystem(), FILE).contains("answers 429 and asks to wait 7200 s"));
  }

  @Test
  void aConnectionThatIsCutIsGoneOnFrom() throws IOException {
    HubFileSystem files = hub.fileSystem();
    Trouble[] cuts = new Trouble[20];
    Arrays.fill(cuts, cutAfter(400_000));
    hub.server.troubleStore(Arrays.copyOf(cuts, 5));
    assertArrayEquals(WEIGHTS, read(files, FILE));
    assertEquals("bytes=2000000-9000000", hub.server.seen(true).getLast().range());
  }

  @Test
  void aConnectionThatIsCutAgainAndAgainEndsInASentence() throws IOException {
    HubFileSystem files = hub.fileSystem();
    Trouble[] cuts = new Trouble[8];
    Arrays.fill(cuts, cutAfter(1000));
    hub.server.troubleStore(cuts);
    assertTrue(refusal(files, FILE).contains("tried 8 times"));
  }

  @Test
  void asLongAsMuchComesTriesDoNotCount() throws IOException {
    HubFileSystem files = hub.fileSystem();
    for (int i = 0; i < 4; i++) {
      hub.server.troubleStore(cutAfter(0), cutAfter(0), cutAfter(0), cutAfter(1_500_000));
    }
    assertArrayEquals(WEIGHTS, read(files, FILE));
  }

  @Test
  void silenceInTheMiddleIsACut() throws IOException {
    HubFileSystem files = hub.fileSystem();
    hub.server.troubleStore(
        exchange -> {
          cutAfter(1000).answer(exchange);
          pause(7000);
          return true;
        });
    hub.server.troubleHub(
        exchange -> {
          pause(7000);
          return true;
        });
    long begin = System.nanoTime();
    assertArrayEquals(WEIGHTS, read(files, FILE));
    assertTrue(System.nanoTime() - begin < 12_000_000_000L, "was waited for to its end");
  }

  /** Whoever asked has the bytes from another try, and may use the array for something else. */
  @Test
  void whatComesTooLateIsNotTaken() throws IOException {
    HubFileSystem files = hub.fileSystem();
    hub.server.troubleStore(
        exchange -> {
          cutAfter(1000).answer(exchange);
          pause(4600);
          exchange.getResponseBody().write(new byte[WEIGHTS.length - 1000]);
          return true;
        });
    byte[] read = read(files, FILE);
    pause(1500);
    assertArrayEquals(WEIGHTS, read);
    assertEquals(2, hub.server.seen(true).size());
  }

  /** A mirror may send what it keeps itself, and call it as the store does. */
  @Test
  void whatAMirrorCallsALargeFileIsItsOwnMatter() throws IOException {
    Trouble mirror =
        exchange -> {
          int[] range = Trouble.range(exchange, WEIGHTS.length);
          Trouble.contentRange(exchange, range[0], range[1], WEIGHTS.length);
          exchange.getResponseHeaders().add("ETag", '"' + "0123456789abcdef".repeat(4) + '"');
          exchange.sendResponseHeaders(206, range[1] - range[0] + 1);
          exchange.getResponseBody().write(WEIGHTS, range[0], range[1] - range[0] + 1);
          return true;
        };
    HubFileSystem files = hub.fileSystem();
    files.getFileStatus(path(FILE));
    hub.server.troubleHub(mirror);
    assertArrayEquals(WEIGHTS, read(files, FILE));
    assertEquals(List.of(), hub.server.seen(true));
  }

  /** Slow is not silent: longer than the limit altogether, never without a byte for so long. */
  @Test
  void aSlowAnswerIsWaitedFor() throws IOException {
    HubFileSystem files = hub.fileSystem();
    hub.server.troubleStore(
        exchange -> {
          int length = WEIGHTS.length;
          Trouble.contentRange(exchange, 0, length - 1, length);
          exchange.sendResponseHeaders(206, length);
          for (int part = 0; part < 4; part++) {
            int from = part * (length / 4);
            int count = part < 3 ? length / 4 : length - from;
            exchange.getResponseBody().write(WEIGHTS, from, count);
            exchange.getResponseBody().flush();
            pause(900);
          }
          return true;
        });
    assertArrayEquals(WEIGHTS, read(files, FILE));
    assertEquals(1, hub.server.seen(true).size());
  }

  private static void pause(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "bytes 0-99/9000001, 100, another range is sent",
    "bytes 1-9000001/9000001, 9000001, another range is sent",
    "none, 9000001, the answer to a range is none",
    "bytes 0-9000000/9000001, 9000000, 9000000 bytes are sent instead of 9000001",
    "bytes 0-9000000/9000001, 9000003, 9000003 bytes are sent instead of 9000001"
  })
  void aWrongAnswerToARangeIsNoticed(String contentRange, int bytes, String expected)
      throws IOException {
    HubFileSystem files = hub.fileSystem();
    hub.server.troubleStore(saying(contentRange, bytes, "\"x\""));
    assertArrayEquals(WEIGHTS, read(files, FILE), "the second try was right");
    hub.server.troubleStore(
        Collections.nCopies(8, saying(contentRange, bytes, "\"x\"")).toArray(Trouble[]::new));
    String sentence = refusal(hub.fileSystem(), FILE);
    assertTrue(sentence.contains(expected), sentence);
  }

  /** Without a length before it: in chunks. */
  @ParameterizedTest
  @CsvSource({"-1, it ended after 0 of 1 bytes", "1, more than the 9000001 bytes"})
  void aBodyOfAnotherLengthIsNoticed(int more, String expected) throws IOException {
    hub.server.troubleStore(chunked(more));
    assertArrayEquals(WEIGHTS, read(hub.fileSystem(), FILE));
    hub.server.troubleStore(Collections.nCopies(9, chunked(more)).toArray(Trouble[]::new));
    String sentence = refusal(hub.fileSystem(), FILE);
    assertTrue(sentence.contains(expected), sentence);
  }

  private static Trouble chunked(int more) {
    return exchange -> {
      int[] range = Trouble.range(exchange, WEIGHTS.length);
      Trouble.contentRange(exchange, range[0], range[1], WEIGHTS.length);
      exchange.sendResponseHeaders(206, 0);
      exchange.getResponseBody().write(new byte[range[1] - range[0] + 1 + more]);
      return true;
    };
  }

  @Test
  void aFileThatHasChangedIsNoticed() throws IOException {
    HubFileSystem files = hub.fileSystem();
    read(files, FILE);
    hub.server.troubleStore(saying("bytes 0-9000000/9000001", 9_000_001, "\"other\""));
    assertTrue(refusal(files, FILE).contains("has the tag 'other', and had 'store-"));
    hub.server.troubleStore(saying("bytes 0-9000000/9000002", 9_000_001, "\"x\""));
    String longer = refusal(hub.fileSystem(), FILE);
    assertTrue(longer.contains("has 9000002 bytes, where the list of files says 9000001"), longer);
    assertTrue(longer.contains("replaced while it was read"), longer);
  }

  @Test
  void otherContentThanTheListNamesIsNoticed() throws IOException {
    HubFileSystem files = hub.fileSystem();
    files.getFileStatus(path(FILE));
    byte[] other = WEIGHTS.clone();
    other[5]++;
    hub.server
        .repo("models/org/demo")
        .commits
        .get(HubFixture.FIRST)
        .put("model.safetensors", other);
    String sentence = refusal(files, FILE);
    assertTrue(sentence.contains("has the checksum "), sentence);
    hub.server
        .repo("models/org/demo")
        .commits
        .get(HubFixture.FIRST)
        .put("config.json", "{\"a\": 2}".getBytes(StandardCharsets.UTF_8));
    sentence = refusal(files, "hf://org/demo/config.json");
    assertTrue(sentence.contains("has the checksum "), sentence);
  }

  /** Addresses of the store are signed for a time. */
  @Test
  void anAddressOfTheStoreThatNoLongerHoldsIsAskedForAgain() throws IOException {
    HubFileSystem files = hub.fileSystem();
    read(files, FILE);
    hub.server.forget();
    hub.server.troubleStore(status(403));
    assertArrayEquals(WEIGHTS, read(files, FILE));
    assertEquals(1, hub.server.seen(false).size());
    assertEquals(2, hub.server.seen(true).size());
  }

  /** A mirror that sends a small file whole is good enough; for a large one it is not. */
  @Test
  void aServiceWithoutRanges() throws IOException {
    Trouble whole =
        exchange -> {
          exchange.sendResponseHeaders(200, WEIGHTS.length);
          exchange.getResponseBody().write(WEIGHTS);
          return true;
        };
    HubFileSystem files = hub.fileSystem();
    byte[] part = new byte[100_000];
    hub.server.troubleStore(whole);
    try (FSDataInputStream in = files.open(path(FILE))) {
      in.readFully(777, part);
    }
    assertArrayEquals(Arrays.copyOfRange(WEIGHTS, 777, 100_777), part);
  }
}
