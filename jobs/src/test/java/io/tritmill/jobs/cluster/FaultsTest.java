package io.tritmill.jobs.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.ChildProcess;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * On a real cluster, whatever is killed, a run ends in the bytes of an undisturbed one in local
 * mode.
 */
@Tag("cluster")
@ExtendWith(SharedSpark.class)
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class FaultsTest {
  private static final Path EXAMPLES = Path.of(System.getProperty("tritmill.root"), "examples");
  private static final Sizes SMALL = new Sizes(97, 64, 96, 2, 2, 2);

  @TempDir private static Path directory;

  private static StandaloneCluster cluster;

  @BeforeAll
  static void startCluster() throws IOException, InterruptedException {
    cluster = new StandaloneCluster(directory.resolve("cluster"), "");
  }

  @AfterAll
  static void stopCluster() throws IOException, InterruptedException {
    cluster.close();
  }

  private static Object[] demo(String run) {
    return new Object[] {
      "compress",
      "--model",
      EXAMPLES.resolve("demo-6m"),
      "--recipe",
      "ptqtp",
      "--output",
      directory.resolve(run)
    };
  }

  private static ChildProcess submit(Object... command) throws IOException {
    return cluster.submit(Map.of(), command);
  }

  private static void assertSameModel(String expected, String found) {
    RunFiles.assertSameModel(directory.resolve(expected), directory.resolve(found));
  }

  @Test
  void executorsAndDriversDieAndTheBytesAreTheSame() throws IOException, InterruptedException {
    Invocation.of(demo("undisturbed")).exits(0);

    ChildProcess run = submit(demo("killed"));
    run.awaitWords("[ 3/42]");
    List<ProcessHandle> executors = cluster.executors();
    assertEquals(2, executors.size());
    executors.getFirst().destroyForcibly();
    run.awaitWords("[ 9/42]");
    // The run must not be at its end before another one has started.
    StandaloneCluster.signal("STOP", run.process().toHandle());
    Invocation second = submit(demo("killed")).end().exits(6);
    assertTrue(run.process().isAlive(), run.said());
    StandaloneCluster.signal("CONT", run.process().toHandle());
    assertTrue(second.err().contains("is working in this directory"), second.err());
    Invocation ended = run.end().exits(0);
    assertTrue(ended.err().contains("Lost executor"), ended.err());
    assertSameModel("undisturbed", "killed");
  }

  @Test
  void aKilledDriversRunIsTakenOverAndFinished() throws IOException, InterruptedException {
    Invocation.of(demo("undisturbed too")).exits(0);

    ChildProcess run = submit(demo("resumed"));
    run.awaitWords("[ 9/42]");
    run.kill();
    assertTrue(Files.exists(directory.resolve("resumed/_LOCK")));

    Invocation resumed = submit(demo("resumed")).end().exits(0);
    assertTrue(resumed.err().contains("takes over the lock of application app-"), resumed.err());
    assertTrue(resumed.err().contains("resuming: "), resumed.err());
    assertSameModel("undisturbed too", "resumed");
  }

  @Test
  void aRunThatLearnsGoesOnFromTheBlockItHadReached() throws IOException, InterruptedException {
    writeLearningModel();
    Invocation.of(learning("learned undisturbed")).exits(0);

    ChildProcess run = submit(learning("learned"));
    // The seventh layer is the last of the first block; the second is still to come.
    run.awaitWords("[ 7/14]");
    run.kill();

    Invocation resumed = submit(learning("learned")).end().exits(0);
    assertTrue(resumed.err().contains("resuming: "), resumed.err());
    assertSameModel("learned undisturbed", "learned");
  }

  private static Object[] learning(String run) {
    return new Object[] {
      "compress",
      "--model",
      directory.resolve("small"),
      "--recipe",
      directory.resolve("learning.yaml"),
      "--calibration",
      directory.resolve("texts.jsonl"),
      "--output",
      directory.resolve(run)
    };
  }

  private static void writeLearningModel() throws IOException {
    SafetensorsBuilder.writeLlama(directory.resolve("small"), SMALL, true, DType.BF16, 2);
    Files.writeString(
        directory.resolve("learning.yaml"),
        """
        version: 1
        name: learning
        calibration: {samples: 8, sequence_length: 24}
        transforms: [hadamard]
        propagate_error: true
        rules:
          - match: "*"
            stages:
              - qep: {alpha: 1.0, damp: 0.01}
              - output_metric: {}
              - gptq: {damp: 0.01}
              - ptqtp: {planes: 2, group: 32, tied: true}
        """);
    Random random = new Random(7);
    StringBuilder texts = new StringBuilder();
    for (int text = 0; text < 12; text++) {
      List<Integer> ids = random.ints(30, 1, SMALL.vocabulary()).boxed().toList();
      texts.append(SafetensorsBuilder.json(Map.of("input_ids", ids))).append('\n');
    }
    Files.writeString(directory.resolve("texts.jsonl"), texts.toString());
  }
}
