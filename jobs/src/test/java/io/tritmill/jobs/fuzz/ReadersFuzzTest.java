package io.tritmill.jobs.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import io.tritmill.jobs.failure.BadInputException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Spoiled files for every reader: each is read, or refused in one sentence, and takes no more than
 * a bounded time and memory. {@code -Dtritmill.fuzz.seed} and {@code -Dtritmill.fuzz.count} choose
 * other files and more of them.
 */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReadersFuzzTest {
  private static final long SEED = Long.getLong("tritmill.fuzz.seed", 18);
  private static final int COUNT = Integer.getInteger("tritmill.fuzz.count", 20_000);
  private static final long MAX_BYTES = 256L << 20;
  private static final long MAX_NANOSECONDS = 5_000_000_000L;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private List<FuzzedReader> readers;

  @BeforeAll
  void seeds(@TempDir(factory = InMemory.class) Path folder) throws IOException {
    readers = Readers.in(folder);
  }

  List<FuzzedReader> readers() {
    return readers;
  }

  @ParameterizedTest
  @MethodSource("readers")
  void spoiledFilesAreReadOrRefused(FuzzedReader reader) throws Exception {
    for (byte[] sound : reader.seeds()) {
      reader.read().of(sound.clone());
    }
    Mutations mutations = new Mutations(SEED, reader.seeds());
    for (int i = 0; i < COUNT; i++) {
      byte[] content = mutations.next();
      long bytes = threads.getCurrentThreadAllocatedBytes();
      long time = threads.getCurrentThreadCpuTime();
      try {
        reader.read().of(content.clone());
      } catch (BadInputException e) {
        assertTrue(!e.getMessage().isBlank() && e.getMessage().length() < 5000, e.getMessage());
      } catch (Exception | Error e) {
        fail(told(reader, i, content), e);
      }
      assertTrue(
          threads.getCurrentThreadAllocatedBytes() - bytes < MAX_BYTES
              && threads.getCurrentThreadCpuTime() - time < MAX_NANOSECONDS,
          () -> "takes too much: " + told(reader, 0, content));
    }
  }

  private static String told(FuzzedReader reader, int i, byte[] content) {
    return "%s, seed %d, file %d, in base64: %s"
        .formatted(reader.name(), SEED, i, Base64.getEncoder().encodeToString(content));
  }
}
