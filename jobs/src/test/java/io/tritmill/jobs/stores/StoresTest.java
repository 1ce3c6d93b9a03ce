package io.tritmill.jobs.stores;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.run.RunLock;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checkpoint, data and run directory on HDFS with two datanodes and on an S3 service, mixed: the
 * bytes are those of local files, whatever the stores do.
 */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class StoresTest {
  /** Wide enough that the checkpoint is much larger than what is read of it beside weights. */
  private static final Sizes SIZES = new Sizes(256, 128, 384, 4, 4, 2);

  @TempDir private static Path directory;

  private static S3Service s3;

  /** What Hadoop keeps for {@code s3a:} until it is closed. */
  private static FileSystem s3Files;

  private static MiniDFSCluster hdfs;
  private static SortedMap<String, byte[]> expected;

  @BeforeAll
  static void startStoresAndFillThem() throws IOException, InterruptedException {
    s3 = S3Service.start(directory);
    Configuration nodes = new Configuration();
    nodes.set("dfs.replication", "2");
    hdfs =
        new MiniDFSCluster.Builder(nodes, directory.resolve("hdfs").toFile())
            .numDataNodes(2)
            .build();
    useS3(s3.address());
    writeInputs();
    for (String store : List.of("hdfs", "s3a")) {
      for (String input : List.of("model", "recipe.yaml", "texts.jsonl")) {
        copy(directory.resolve(input), uri(store, input));
      }
    }
    compress("file", "file", "file", "undisturbed").exits(0);
    expected = RunFiles.below(directory.resolve("undisturbed/model"));
  }

  @AfterAll
  static void stopStores() throws IOException {
    if (s3Files != null) {
      s3Files.close();
    }
    if (hdfs != null) {
      hdfs.shutdown();
    }
    if (s3 != null) {
      s3.close();
    }
  }

  private static Configuration configuration() {
    return SharedSpark.session().sparkContext().hadoopConfiguration();
  }

  /** Makes {@code s3a:} mean an address, with connections that are not those of the last. */
  private static void useS3(URI address) throws IOException {
    if (s3Files != null) {
      s3Files.close();
    }
    S3Service.configure(configuration(), address, directory.resolve("buffers"));
    // The pauses between tries, short enough for a test.
    configuration().set("fs.s3a.retry.interval", "20ms");
    configuration().set("fs.s3a.retry.throttle.interval", "20ms");
    s3Files = FileSystem.get(URI.create(S3Service.uri("")), configuration());
  }

  private static void writeInputs() throws IOException {
    SafetensorsBuilder.writeLlama(directory.resolve("model"), SIZES, true, DType.BF16, 3);
    Files.writeString(
        directory.resolve("recipe.yaml"),
        """
        version: 1
        name: stores
        calibration: {samples: 4, sequence_length: 24}
        propagate_error: true
        rules:
          - {match: "*.mlp.*", stages: [{ptqtp: {planes: 2, group: 64}}]}
          - {match: "*", stages: [{gptq: {damp: 0.01}}, {ptqtp: {planes: 2, group: 64, tied: true}}]}
        """);
    Random random = new Random(3);
    StringBuilder texts = new StringBuilder();
    for (int text = 0; text < 8; text++) {
      List<Integer> ids = random.ints(30, 1, SIZES.vocabulary()).boxed().toList();
      texts.append(SafetensorsBuilder.json(Map.of("input_ids", ids))).append('\n');
    }
    Files.writeString(directory.resolve("texts.jsonl"), texts.toString());
  }

  private static String uri(String store, String path) {
    return switch (store) {
      case "hdfs" -> hdfs.getURI() + "/" + path;
      case "s3a" -> S3Service.uri(path);
      default -> directory.resolve(path).toString();
    };
  }

  private static void copy(Path from, String to) throws IOException {
    org.apache.hadoop.fs.Path target = new org.apache.hadoop.fs.Path(to);
    try (FileSystem store = FileSystem.newInstance(target.toUri(), configuration())) {
      store.copyFromLocalFile(new org.apache.hadoop.fs.Path(from.toUri()), target);
    }
  }

  private static Invocation compress(String model, String data, String runs, String run) {
    return Invocation.of(
        "compress",
        "--model",
        uri(model, "model"),
        "--recipe",
        uri(model, "recipe.yaml"),
        "--calibration",
        uri(data, "texts.jsonl"),
        "--output",
        uri(runs, run));
  }

  /** The model of a run has the bytes of local files, and nothing else is left of it. */
  private static void assertExpected(String store, String run) throws IOException {
    org.apache.hadoop.fs.Path source = new org.apache.hadoop.fs.Path(uri(store, run));
    try (FileSystem files = FileSystem.newInstance(source.toUri(), configuration())) {
      assertFalse(files.exists(new org.apache.hadoop.fs.Path(source, "_LOCK")));
      assertFalse(files.exists(new org.apache.hadoop.fs.Path(source, "_work")));
    }
    SortedMap<String, byte[]> found = files(source);
    assertTrue(found.containsKey("_SUCCESS"), () -> found.keySet().toString());
    SortedMap<String, byte[]> model = found.subMap("model/", "model0");
    assertEquals(expected.size(), model.size());
    expected.forEach((file, bytes) -> assertArrayEquals(bytes, model.get("model/" + file), file));
  }

  /** Every file of a directory, by its path in it; objects have no other directories. */
  private static SortedMap<String, byte[]> files(org.apache.hadoop.fs.Path directory)
      throws IOException {
    SortedMap<String, byte[]> found = new TreeMap<>();
    try (FileSystem files = FileSystem.newInstance(directory.toUri(), configuration())) {
      RemoteIterator<LocatedFileStatus> each = files.listFiles(directory, true);
      while (each.hasNext()) {
        org.apache.hadoop.fs.Path file = each.next().getPath();
        try (FSDataInputStream in = files.open(file)) {
          String relative = file.toString().substring(directory.toString().length() + 1);
          found.put(relative, in.readAllBytes());
        }
      }
    }
    return found;
  }

  @Test
  void fromHdfsToS3AndEvaluatedThere() throws IOException {
    compress("hdfs", "s3a", "s3a", "to s3").exits(0);

    assertExpected("s3a", "to s3");
    Invocation.of("evaluate", uri("s3a", "to s3"), "--dataset", uri("hdfs", "texts.jsonl"))
        .exits(0);
    Invocation.of("verify", uri("s3a", "to s3")).exits(0);
    compress("hdfs", "s3a", "s3a", "to s3").exits(0);
  }

  @Test
  void fromS3ToHdfsOfWhichADatanodeIsLost() throws IOException {
    compress("s3a", "hdfs", "hdfs", "to hdfs").exits(0);
    assertExpected("hdfs", "to hdfs");

    MiniDFSCluster.DataNodeProperties lost = hdfs.stopDataNode(0);

    Invocation.of("verify", uri("hdfs", "to hdfs")).exits(0);
    assertTrue(hdfs.restartDataNode(lost));
    hdfs.waitActive();
  }

  @Test
  void aDirectoryThatAnotherApplicationWorksInIsRefused() {
    for (String store : List.of("hdfs", "s3a")) {
      RunDirectory run = RunDirectory.at(new org.apache.hadoop.fs.Path(uri(store, "held")));
      Storage storage = new Storage(configuration());
      try (RunLock held = RunLock.acquire(storage, run, "app-other", System.err::println)) {
        Invocation refused = compress(store, store, store, "held").exits(6);

        assertTrue(refused.err().contains("app-other"), refused.err());
        held.require();
      }
      assertFalse(storage.exists(run.lock()));
    }
  }

  /**
   * Counted on the wire: a reader that opened a shard at a place and went on to its end would show.
   */
  @Test
  void readsOfTheCheckpointOnceAndNotWholeShards() throws IOException {
    Path model = Path.of(System.getProperty("tritmill.root"), "examples/demo-6m");
    long checkpoint = Files.size(model.resolve("model.safetensors"));
    copy(model, uri("s3a", "demo-6m"));
    try (FaultyProxy counting = new FaultyProxy(s3.address(), 0, 0, Duration.ZERO)) {
      useS3(counting.address());
      Object[] arguments = {
        "compress",
        "--model",
        uri("s3a", "demo-6m"),
        "--recipe",
        "twn",
        "--output",
        directory.resolve("counted")
      };
      Invocation.of(arguments).exits(0);

      // Once for the bands; once more what is kept, and the layers that are sampled to verify.
      assertTrue(counting.sent() >= checkpoint, () -> counting.sent() + " of " + checkpoint);
      assertTrue(counting.sent() < 1.5 * checkpoint, () -> counting.sent() + " of " + checkpoint);
    } finally {
      useS3(s3.address());
    }
  }

  @Test
  void errorsAndStallsOfTheServiceChangeNothing() throws IOException {
    try (FaultyProxy faulty = new FaultyProxy(s3.address(), 0.05, 0.01, Duration.ofMillis(700))) {
      useS3(faulty.address());

      compress("s3a", "s3a", "s3a", "through faults").exits(0);

      assertTrue(faulty.requests() > 500, () -> faulty.requests() + " requests");
      assertTrue(faulty.spoiled() > 20, () -> faulty.spoiled() + " spoiled");
    } finally {
      useS3(s3.address());
    }
    assertExpected("s3a", "through faults");
  }
}
