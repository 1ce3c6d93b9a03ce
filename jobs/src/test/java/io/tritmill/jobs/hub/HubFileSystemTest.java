package io.tritmill.jobs.hub;

import static io.tritmill.jobs.hub.HubFixture.CONFIG;
import static io.tritmill.jobs.hub.HubFixture.FIRST;
import static io.tritmill.jobs.hub.HubFixture.SECOND;
import static io.tritmill.jobs.hub.HubFixture.WEIGHTS;
import static io.tritmill.jobs.hub.HubFixture.path;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.gguf.GgufLlama;
import io.tritmill.jobs.hub.HubServer.Seen;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class HubFileSystemTest {
  private final HubFixture hub = new HubFixture();

  @AfterEach
  void stop() {
    hub.close();
  }

  private static byte[] read(FileSystem fileSystem, String file) throws IOException {
    try (FSDataInputStream in = fileSystem.open(path(file))) {
      return in.readAllBytes();
    }
  }

  private static List<String> names(FileSystem fileSystem, String folder) throws IOException {
    return Arrays.stream(fileSystem.listStatus(path(folder)))
        .map(status -> status.getPath() + (status.isDirectory() ? "/" : " " + status.getLen()))
        .toList();
  }

  @Test
  void filesAndFoldersAreListedByOneRequest() throws IOException {
    HubFileSystem files = hub.fileSystem();
    String model = "hf://org/demo@" + FIRST;
    assertEquals(
        List.of(
            model + "/a/",
            model + "/config.json 8",
            model + "/empty 0",
            model + "/model.safetensors 9000001"),
        names(files, model));
    assertEquals(List.of(model + "/a/b/"), names(files, model + "/a"));
    assertEquals(List.of(model + "/config.json 8"), names(files, model + "/config.json"));
    String deep = model + "/a/b/deep 1+%ü.txt";
    assertEquals(List.of(deep + " 4"), names(files, model + "/a/b/"));
    assertEquals("deep", new String(read(files, deep), StandardCharsets.UTF_8));
    FileStatus root = files.getFileStatus(path(model));
    assertTrue(root.isDirectory());
    assertEquals(path(model), root.getPath());
    assertTrue(files.getFileStatus(path(model + "/a/b")).isDirectory());
    assertEquals(0, files.getFileStatus(path(model + "/config.json")).getModificationTime());
    assertEquals(
        1, hub.server.seen().stream().filter(one -> one.path().startsWith("/api/")).count());
  }

  @Test
  void whatIsNotThereIsNotFound() throws IOException {
    HubFileSystem files = hub.fileSystem();
    for (String missing : List.of("x", "a/x", "config.json/x", "a/b/deep")) {
      assertFalse(files.exists(path("hf://org/demo/" + missing)));
      assertThrows(
          FileNotFoundException.class, () -> files.listStatus(path("hf://org/demo/" + missing)));
      assertThrows(FileNotFoundException.class, () -> read(files, "hf://org/demo/" + missing));
    }
    assertTrue(
        assertThrows(FileNotFoundException.class, () -> read(files, "hf://org/demo/a"))
            .getMessage()
            .endsWith("is a folder"));
  }

  @Test
  void longListsComeInPages() throws IOException {
    TreeMap<String, byte[]> many = new TreeMap<>();
    for (int i = 0; i < 95; i++) {
      many.put("data/part-%02d.jsonl".formatted(i), new byte[i]);
    }
    hub.server.repo("datasets/org/texts").commit("main", SECOND, many);
    hub.server.pages(10);
    HubFileSystem files = hub.fileSystem("hf://datasets", Map.of());
    List<String> names = names(files, "hf://datasets/org/texts/data");
    assertEquals(95, names.size());
    assertEquals("hf://datasets/org/texts/data/part-94.jsonl 94", names.getLast());
    // The folder that the list holds beside its files makes it 96 entries.
    assertEquals(
        10, hub.server.seen().stream().filter(one -> one.path().contains("/tree/")).count());
  }

  @Test
  void aBranchThatMovesIsReadAsOneCommit() throws IOException {
    HubFileSystem files = hub.fileSystem();
    assertEquals(
        path("hf://org/demo@" + FIRST + "/config.json"),
        files.resolvePath(path("hf://org/demo/config.json")));
    hub.server
        .repo("models/org/demo")
        .commit("main", SECOND, Map.of("config.json", new byte[] {1}));
    assertArrayEquals(CONFIG, read(files, "hf://org/demo/config.json"));
    assertArrayEquals(CONFIG, read(files, "hf://org/demo@main/config.json"));
    assertArrayEquals(new byte[] {1}, read(hub.fileSystem(), "hf://org/demo/config.json"));
    assertArrayEquals(CONFIG, read(hub.fileSystem(), "hf://org/demo@" + FIRST + "/config.json"));
  }

  @Test
  void revisionsMayHaveSlashes() throws IOException {
    hub.server
        .repo("models/org/demo")
        .commit("refs/pr/1", SECOND, Map.of("config.json", new byte[] {1}))
        .commit("feature/x", "3".repeat(40), Map.of("config.json", new byte[] {2}));
    HubFileSystem files = hub.fileSystem();
    assertArrayEquals(new byte[] {1}, read(files, "hf://org/demo@refs/pr/1/config.json"));
    assertArrayEquals(new byte[] {1}, read(files, "hf://org/demo@refs%2Fpr%2F1/config.json"));
    assertArrayEquals(new byte[] {2}, read(files, "hf://org/demo@feature%2Fx/config.json"));
    assertEquals(
        List.of("hf://org/demo@feature%2Fx/config.json 1"),
        names(files, "hf://org/demo@feature%2Fx"));
  }

  @Test
  void aNameMayStandWithoutAnOrganization() throws IOException {
    hub.server.repo("models/gpt2").commit("main", FIRST, Map.of("config.json", CONFIG));
    HubFileSystem files = hub.fileSystem("hf://gpt2", Map.of());
    assertEquals(List.of("hf://gpt2/config.json 8"), names(files, "hf://gpt2"));
    assertArrayEquals(CONFIG, read(files, "hf://gpt2/config.json"));
    org.apache.hadoop.fs.Path pinned = files.resolvePath(path("hf://gpt2/config.json"));
    assertEquals(path("hf://gpt2@" + FIRST + "/config.json"), pinned);
    HubFileSystem again = hub.fileSystem("hf://gpt2@" + FIRST, Map.of());
    assertArrayEquals(CONFIG, read(again, pinned.toString()));
    assertEquals(
        List.of("hf://gpt2@" + FIRST + "/config.json 8"), names(again, "hf://gpt2@" + FIRST));
  }

  @Test
  void relativePathsLieInTheOrganization() throws IOException {
    HubFileSystem files = hub.fileSystem();
    assertEquals(path("hf://org/"), files.getWorkingDirectory());
    assertArrayEquals(CONFIG, read(files, "demo/config.json"));
    files.setWorkingDirectory(path("demo"));
    assertArrayEquals(CONFIG, read(files, "config.json"));
    assertThrows(
        IllegalArgumentException.class, () -> files.getFileStatus(path("hf://other/demo")));
    assertNull(files.getCanonicalServiceName());
  }

  /** Hadoop keeps one file system for names that differ in their capitals alone. */
  @Test
  void theOrganizationIsThatOfThePath() throws IOException {
    hub.server.repo("models/Org/demo").commit("main", SECOND, Map.of("config.json", new byte[1]));
    HubFileSystem files = hub.fileSystem();
    assertArrayEquals(new byte[1], read(files, "hf://Org/demo/config.json"));
    assertArrayEquals(CONFIG, read(files, "hf://org/demo/config.json"));
  }

  @Test
  void theTokenIsShownToTheHubAlone() throws IOException {
    hub.server.repo("models/org/demo").token = "hf_secret";
    HubFileSystem files = hub.fileSystem("hf://org", Map.of("HF_TOKEN", "hf_secret"));
    assertArrayEquals(WEIGHTS, read(files, "hf://org/demo/model.safetensors"));
    assertFalse(hub.server.seen(true).isEmpty());
    for (Seen request : hub.server.seen()) {
      assertEquals(request.store() ? null : "Bearer hf_secret", request.authorization());
    }
  }

  @Test
  void nothingIsWritten() throws IOException {
    HubFileSystem files = hub.fileSystem();
    org.apache.hadoop.fs.Path path = path("hf://org/demo/x");
    for (Executable write :
        List.<Executable>of(
            () -> files.create(path),
            () -> files.append(path),
            () -> files.mkdirs(path),
            () -> files.delete(path, true),
            () -> files.rename(path, path))) {
      BadInputException refusal = assertThrows(BadInputException.class, write);
      assertEquals(ExitCode.USAGE, refusal.exitCode());
      assertTrue(refusal.getMessage().startsWith("hf://org/demo/x: the Hub is only read"));
    }
    assertEquals(List.of(), hub.server.seen());
  }

  @Test
  void hadoopFindsItAsAServiceAndByOurSettings() throws IOException {
    assertEquals(HubFileSystem.class, FileSystem.getFileSystemClass("hf", new Configuration()));
    Configuration bare = new Configuration(false);
    Storage storage = new Storage(bare);
    assertEquals(HubFileSystem.class.getName(), bare.get("fs.hf.impl"));
    bare.set("fs.hf.endpoint", hub.server.address());
    assertInstanceOf(HubFileSystem.class, storage.fileSystem(path("hf://service/x")));
    assertEquals(
        "hf://org/demo@" + FIRST, storage.path("hf://org/demo").toString(), "names the commit");
    assertThrows(BadInputException.class, () -> storage.outputPath("hf://org/demo"));
  }

  @Test
  void aGgufFileIsReadAsACheckpoint(@TempDir Path folder) throws IOException {
    Path file = GgufLlama.of(new Sizes(64, 32, 64, 2, 4, 2), true).write(folder.resolve("t.gguf"));
    hub.server.repo("models/gguf/tiny").commit("main", FIRST, HubServer.below(folder));
    Configuration configuration = new Configuration();
    configuration.set("fs.hf.endpoint", hub.server.address());
    Storage storage = new Storage(configuration);
    Checkpoint onDisk = Checkpoint.open(storage, storage.path(file.toString()));
    Checkpoint onHub = Checkpoint.open(storage, storage.path("hf://gguf/tiny/t.gguf"));
    assertEquals(List.of("hf://gguf/tiny@" + FIRST + "/t.gguf"), onHub.files());
    assertEquals(onDisk.tensors().size(), onHub.tensors().size());
    try (TensorReader reader = new TensorReader(storage)) {
      for (TensorInfo tensor : onDisk.tensors()) {
        TensorInfo same = onHub.tensor(tensor.name()).orElseThrow();
        int rows = Math.toIntExact(tensor.rows());
        assertArrayEquals(
            reader.rows(tensor, 0, rows).values(), reader.rows(same, 0, rows).values());
      }
    }
  }

  @Test
  void theCacheIsReadWhereItHoldsTheFileOfTheCommit(@TempDir Path home) throws IOException {
    Path repository = home.resolve("hub/models--org--demo");
    Path snapshot = Files.createDirectories(repository.resolve("snapshots/" + FIRST));
    Path blob = Files.createDirectories(repository.resolve("blobs")).resolve("b");
    Files.write(blob, WEIGHTS);
    Files.createSymbolicLink(snapshot.resolve("model.safetensors"), Path.of("../../blobs/b"));
    Files.writeString(snapshot.resolve("config.json"), "cut");
    HubFileSystem files = hub.fileSystem("hf://org", Map.of("HF_HOME", home.toString()));
    assertArrayEquals(WEIGHTS, read(files, "hf://org/demo/model.safetensors"));
    assertEquals(List.of(), hub.server.seen(true));
    assertArrayEquals(CONFIG, read(files, "hf://org/demo/config.json"), "one that is cut short");
  }

  @Test
  void offlineOnlyTheCacheIsRead(@TempDir Path home) throws IOException {
    Path repository = home.resolve("hub/datasets--org--texts");
    Path snapshot = Files.createDirectories(repository.resolve("snapshots/" + FIRST + "/data"));
    Files.writeString(snapshot.resolve("x.jsonl"), "{}");
    Files.writeString(
        Files.createDirectories(repository.resolve("refs/refs/pr")).resolve("1"), FIRST + "\n");
    HubFileSystem files =
        hub.fileSystem(
            "hf://datasets", Map.of("HF_HOME", home.toString(), "HF_HUB_OFFLINE", "yes"));
    for (String revision : List.of("refs/pr/1", FIRST)) {
      String folder = "hf://datasets/org/texts@" + revision;
      assertEquals(List.of(folder + "/data/x.jsonl 2"), names(files, folder + "/data"));
      assertEquals("{}", new String(read(files, folder + "/data/x.jsonl"), StandardCharsets.UTF_8));
      assertFalse(files.exists(path(folder + "/y")));
    }
    BadInputException refusal =
        assertThrows(
            BadInputException.class,
            () -> files.getFileStatus(path("hf://datasets/org/texts@main")));
    assertTrue(refusal.getMessage().contains("HF_HUB_OFFLINE is set"), refusal.getMessage());
    assertEquals(ExitCode.BROKEN_INPUT, refusal.exitCode());
    assertEquals(List.of(), hub.server.seen());
  }
}
