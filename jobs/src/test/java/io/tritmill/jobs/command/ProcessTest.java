package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.ChildProcess;
import io.tritmill.jobs.Invocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a whole process writes, with its log and the JVM's own words. */
@Tag("slow")
class ProcessTest {
  @TempDir private Path directory;

  @Test
  void badInputThatATaskFindsIsOneSentenceWithoutATraceInTheLog() throws Exception {
    TinyModel tiny = TinyModel.in(directory);
    tiny.weight("model.layers.1.mlp.up_proj.weight", 5, Float.NaN);

    Invocation refused = ChildProcess.start(directory, tiny.compress()).end().exits(4);

    assertEquals("", refused.out());
    assertFalse(refused.err().contains("\tat "), refused.err());
    assertFalse(refused.err().contains("Exception"), refused.err());
    assertEquals(1, refused.err().lines().filter(line -> line.startsWith("tritmill: ")).count());
  }

  @Test
  void aSignalEndsARunWithoutATrace() throws IOException, InterruptedException {
    TinyModel tiny = TinyModel.in(directory);
    ChildProcess child = ChildProcess.start(directory, tiny.compress());
    while (!Files.exists(tiny.output().resolve("plan.json")) && child.process().isAlive()) {
      Thread.sleep(5);
    }
    child.process().destroy();

    Invocation ended = child.end();

    // Nothing is wrong where it was done before the signal came.
    if (!Files.exists(tiny.output().resolve("_SUCCESS"))) {
      assertEquals(143, ended.exitCode());
    }
    if (ended.exitCode() != 0) {
      assertEquals(
          "tritmill: interrupted; the same command goes on from what is finished",
          ended.err().lines().toList().getLast());
    }
    assertFalse(ended.err().contains("\tat "), ended.err());
    ChildProcess.start(directory, tiny.compress()).end().exits(0);
  }

  @Test
  void aRunEndsWithItsDirectoryAndItsSessionIsClosed() throws IOException, InterruptedException {
    TinyModel tiny = TinyModel.in(directory);

    Invocation run =
        ChildProcess.start(directory, tiny.compress("--format", "json")).end().exits(0);

    assertEquals("file:" + tiny.output(), run.json().get("run_dir").asText());
    assertEquals("complete", run.json().get("status").asText());
    assertTrue(Files.exists(tiny.output().resolve("_SUCCESS")));
    assertFalse(run.err().contains("\tat "), run.err());
  }
}
