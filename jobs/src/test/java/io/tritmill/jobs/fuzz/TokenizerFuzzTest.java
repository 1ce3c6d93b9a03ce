package io.tritmill.jobs.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tritmill.jobs.ChildProcess;
import io.tritmill.jobs.Invocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mutated tokenizers in a process of their own, for what the native library does not expect ends
 * the process that it is in.
 */
@Tag("slow")
class TokenizerFuzzTest {
  @TempDir(factory = InMemory.class)
  Path folder;

  @Test
  void noTokenizerEndsTheProcess() throws IOException, InterruptedException {
    long seed = Long.getLong("tritmill.fuzz.seed", 18);
    int count = Integer.getInteger("tritmill.fuzz.count", 20_000);
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    String classes =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Invocation end =
        ChildProcess.start(
                folder,
                new ProcessBuilder(
                    java.toString(),
                    "-Xmx512m",
                    "-cp",
                    classes,
                    TokenizerTrial.class.getName(),
                    folder.toString(),
                    Long.toString(seed),
                    Integer.toString(count)))
            .end();
    assertEquals(
        0,
        end.exitCode(),
        () -> "seed %d, tokenizer.json in base64: %s%n%s".formatted(seed, last(), end.err()));
  }

  private String last() {
    try {
      return Base64.getEncoder()
          .encodeToString(Files.readAllBytes(folder.resolve("tokenizer.json")));
    } catch (IOException e) {
      return e.toString();
    }
  }
}
