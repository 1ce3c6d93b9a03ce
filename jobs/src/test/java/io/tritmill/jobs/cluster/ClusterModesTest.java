package io.tritmill.jobs.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.ChildProcess;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.hub.HubServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * However a cluster runs a command, and whatever hangs in it, the bytes are those of local mode.
 */
@Tag("cluster")
@ExtendWith(SharedSpark.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ClusterModesTest {
  private static final Path MODEL =
      Path.of(System.getProperty("tritmill.root"), "examples/demo-6m");

  /** A task is done again after seconds, so that a test does not take minutes. */
  private static final Map<String, String> SPECULATION =
      Map.of("spark.speculation", "true", "spark.speculation.minTaskRuntime", "1s");

  @TempDir private static Path directory;

  private StandaloneCluster cluster;

  @BeforeAll
  static void runInLocalMode() {
    Invocation.of(compress("local")).exits(0);
  }

  @BeforeEach
  void startCluster(TestInfo test) throws IOException {
    cluster =
        new StandaloneCluster(directory.resolve(test.getTestMethod().orElseThrow().getName()), "");
  }

  @AfterEach
  void stopCluster() throws IOException {
    cluster.close();
  }

  private static Object[] compress(String run) {
    return new Object[] {
      "compress", "--model", MODEL, "--recipe", "ptqtp", "--output", directory.resolve(run)
    };
  }

  private static void assertSameAsInLocalMode(String run) {
    RunFiles.assertSameModel(directory.resolve("local"), directory.resolve(run));
  }

  @Test
  void theDriverRunsInTheClusterToo() throws IOException, InterruptedException {
    Map<String, String> settings = Map.of("spark.submit.deployMode", "cluster");
    cluster.submit(settings, compress("cluster mode")).end().exits(0);
    assertSameAsInLocalMode("cluster mode");
  }

  /** Spark's client of a standalone master exits with 0 all the same; the script does not. */
  @Test
  void aDriverInTheClusterThatEndsWithAnotherCodeHasFailed()
      throws IOException, InterruptedException {
    Map<String, String> settings = Map.of("spark.submit.deployMode", "cluster");
    Object[] command = compress("missing model");
    command[2] = directory.resolve("no such");
    Invocation ended = cluster.submit(settings, command).end().exits(1);
    String last = ended.err().lines().toList().getLast();
    assertTrue(last.startsWith("tritmill: the driver ended as FAILED; "), ended.err());
  }

  /** Neither the class path of Spark nor its settings know of hf: the jar alone does. */
  @Test
  void executorsReadAModelOfTheHub() throws IOException, InterruptedException {
    String commit = "0123456789".repeat(4);
    try (HubServer hub = new HubServer()) {
      hub.repo("models/org/demo").commit("main", commit, HubServer.below(MODEL)).token = "hf_test";
      Map<String, String> settings =
          Map.of(
              "spark.hadoop.fs.hf.endpoint", hub.address(), "spark.hadoop.fs.hf.token", "hf_test");
      Object[] command = compress("of hub");
      command[2] = "hf://org/demo";
      Invocation ended = cluster.submit(settings, command).end().exits(0);
      assertFalse(ended.err().contains("hf_test"), ended.err());
      // The driver asks what main is, and who else reads asks for the commit.
      assertEquals(1, hub.seen().stream().filter(one -> one.path().contains("/revision/")).count());
      assertTrue(hub.seen().stream().filter(one -> one.path().contains("/tree/")).count() > 1);
    }
    assertSameAsInLocalMode("of hub");
  }

  @Test
  void executorsThatNoWorkerCanHoldAreGivenUp() throws IOException, InterruptedException {
    Map<String, String> settings =
        Map.of("spark.executor.cores", "5", "spark.tritmill.executorsTimeout", "3s");
    Invocation ended = cluster.submit(settings, compress("never")).end().exits(4);
    String last = ended.err().lines().toList().getLast();
    assertTrue(last.startsWith("tritmill: no executor came within 3 s: spark://"), ended.err());
    assertTrue(last.contains("spark.executor.cores=5"), last);
  }

  @Test
  void aHungExecutorsTasksAreDoneByAnother() throws IOException, InterruptedException {
    Path events = Files.createDirectory(directory.resolve("events"));
    Map<String, String> settings = new TreeMap<>(SPECULATION);
    settings.put("spark.dynamicAllocation.enabled", "true");
    settings.put("spark.dynamicAllocation.shuffleTracking.enabled", "true");
    settings.put("spark.dynamicAllocation.initialExecutors", "2");
    settings.put("spark.dynamicAllocation.maxExecutors", "2");
    // Work begins when both are there; for one that comes later see the next test.
    settings.put("spark.cores.max", "2");
    settings.put("spark.scheduler.minRegisteredResourcesRatio", "1.0");
    settings.put("spark.eventLog.enabled", "true");
    settings.put("spark.eventLog.compress", "false");
    settings.put("spark.eventLog.dir", events.toUri().toString());

    ChildProcess run = cluster.submit(settings, compress("hung"));
    run.awaitWords("[ 3/42]");
    List<ProcessHandle> executors = cluster.executors();
    assertEquals(2, executors.size());
    StandaloneCluster.signal("STOP", executors.getFirst());
    endsWithout(executors.getFirst(), run);
    assertSameAsInLocalMode("hung");
    assertTrue(tasks(events).anyMatch(event -> event.contains("\"Speculative\":true")));
  }

  /** Spark sends the second executor to the first for what the job is, and there it hangs. */
  @Test
  void oneThatComesLaterDoesNotWaitForAHungExecutor() throws IOException, InterruptedException {
    ProcessHandle late = cluster.workers().getLast();
    StandaloneCluster.signal("STOP", late);
    ChildProcess run = cluster.submit(SPECULATION, compress("late"));
    run.awaitWords("[ 1/42]");
    List<ProcessHandle> executors = cluster.executors();
    assertEquals(1, executors.size());
    StandaloneCluster.signal("STOP", executors.getFirst());
    StandaloneCluster.signal("CONT", late);
    endsWithout(executors.getFirst(), run);
    assertSameAsInLocalMode("late");
  }

  @Test
  void aWorkerThatDiesTakesNoneOfTheRunAlong() throws IOException, InterruptedException {
    ChildProcess run = cluster.submit(Map.of(), compress("worker lost"));
    run.awaitWords("[ 3/42]");
    for (ProcessHandle part : cluster.parts()) {
      assertTrue(StandaloneCluster.readsArchive(part), () -> "without archive: " + part.info());
    }
    cluster.workers().getFirst().destroyForcibly();
    Invocation ended = run.end().exits(0);
    assertTrue(ended.err().contains("Lost executor"), ended.err());
    assertSameAsInLocalMode("worker lost");
  }

  private static void endsWithout(ProcessHandle hung, ChildProcess run)
      throws IOException, InterruptedException {
    try {
      run.end().exits(0);
    } finally {
      hung.destroyForcibly();
    }
  }

  /** The ends of tasks in a log of events. */
  private static Stream<String> tasks(Path events) throws IOException {
    try (Stream<Path> files = Files.walk(events)) {
      return files
          .filter(Files::isRegularFile)
          .flatMap(file -> RunFiles.lines(file).stream())
          .filter(event -> event.contains("SparkListenerTaskEnd"))
          .toList()
          .stream();
    }
  }
}
