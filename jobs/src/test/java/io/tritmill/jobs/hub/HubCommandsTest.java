package io.tritmill.jobs.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tritmill.jobs.ChildProcess;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real command line on a private model and a private data set of a Hub, whose address and token
 * stand in the environment alone: what comes out is what comes of the files on disk.
 */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class HubCommandsTest {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));
  private static final Path MODEL = ROOT.resolve("examples/demo-6m");
  private static final String COMMIT = "abcdef0123".repeat(4);
  private static final String HUB_MODEL = "hf://org/demo";
  private static final String PINNED = HUB_MODEL + "@" + COMMIT;
  private static final String TEXTS = "hf://datasets/org/texts";
  private static final String TOKEN = "hf_ofTheTest";

  @TempDir private static Path directory;

  private static HubServer server;

  @BeforeAll
  static void fillTheHub() throws IOException {
    server = new HubServer();
    server.repo("models/org/demo").commit("main", COMMIT, HubServer.below(MODEL)).token = TOKEN;
    writeTexts(directory.resolve("texts"));
    server
            .repo("datasets/org/texts")
            .commit("main", COMMIT, HubServer.below(directory.resolve("texts")))
            .token =
        TOKEN;
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void forget() {
    server.forget();
  }

  private static void writeTexts(Path folder) throws IOException {
    MessageType type =
        MessageTypeParser.parseMessageType("message m {required binary text (STRING);}");
    Path file =
        Files.createDirectories(folder.resolve("data")).resolve("test-00000-of-00001.parquet");
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(file))
            .withConf(new PlainParquetConfiguration())
            .withType(type)
            .build()) {
      for (String line : Files.readAllLines(MODEL.resolve("SOURCE.md"))) {
        if (line.length() > 60) {
          SimpleGroup row = new SimpleGroup(type);
          row.add("text", line);
          writer.write(row);
        }
      }
    }
    Files.writeString(folder.resolve("README.md"), "# Texts");
  }

  private static Invocation onHub(Map<String, String> environment, Object... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(ChildProcess.line(List.of(), command));
    builder.environment().put("HF_ENDPOINT", server.address());
    builder.environment().put("HF_HOME", directory.resolve("home").toString());
    builder.environment().keySet().removeAll(List.of("HF_HUB_CACHE", "HF_TOKEN_PATH"));
    builder.environment().put("HF_TOKEN", TOKEN);
    builder.environment().putAll(environment);
    Invocation ended = ChildProcess.start(directory, builder).end();
    assertFalse((ended.out() + ended.err()).contains(TOKEN), "the token was printed");
    return ended;
  }

  private static Invocation onHub(Object... command) throws IOException, InterruptedException {
    return onHub(Map.of(), command);
  }

  @Test
  void planSaysWhatItSaysOfTheFolder() throws IOException, InterruptedException {
    Object[] plan = {"plan", "--recipe", "ptqtp", "--format", "json", "--model", HUB_MODEL};
    JsonNode ofHub = onHub(plan).exits(0).json();
    plan[6] = MODEL;
    JsonNode ofDisk = Invocation.of(plan).exits(0).json();
    assertEquals(ofDisk.get("tensors").size(), ofHub.get("tensors").size());
    assertEquals(onDisk(ofDisk.get("tensors")), onDisk(ofHub.get("tensors")));
    assertTrue(ofHub.toString().contains(PINNED + "\""), "the plan does not name the commit");
    long weights = Files.size(MODEL.resolve("model.safetensors"));
    assertTrue(
        server.seen().stream()
            .filter(HubServer.Seen::store)
            .noneMatch(one -> one.range().endsWith("-" + (weights - 1))),
        "more than headers was read");
  }

  /** Without where the files are. */
  private static String onDisk(JsonNode tensors) {
    tensors.findParents("file").forEach(tensor -> ((ObjectNode) tensor).remove("file"));
    return tensors.toString();
  }

  @Test
  void inspectListsWhatItListsOfTheFolder() throws IOException, InterruptedException {
    Invocation ofHub = onHub("inspect", HUB_MODEL).exits(0);
    Invocation ofDisk = Invocation.of("inspect", MODEL).exits(0);
    assertEquals(
        ofDisk.out().replace("file:" + MODEL, PINNED).replace(MODEL.toString(), PINNED),
        ofHub.out());
  }

  @Test
  void compressWritesTheBytesThatItWritesOfTheFolder() throws IOException, InterruptedException {
    Path ofHub = directory.resolve("of hub");
    Path ofDisk = directory.resolve("of disk");
    Object[] command = {"compress", "--model", HUB_MODEL, "--recipe", "ptqtp", "--output", ofHub};
    onHub(command).exits(0);
    long sent =
        server.seen().stream()
            .filter(HubServer.Seen::store)
            .mapToLong(one -> length(one.range()))
            .sum();
    long weights = Files.size(MODEL.resolve("model.safetensors"));
    assertTrue(sent < 1.5 * weights, sent + " bytes were read of " + weights);
    Invocation.of("compress", "--model", MODEL, "--recipe", "ptqtp", "--output", ofDisk).exits(0);
    RunFiles.assertSameModel(ofDisk, ofHub);
    RunFiles.below(ofHub)
        .forEach(
            (name, bytes) ->
                assertFalse(new String(bytes, StandardCharsets.ISO_8859_1).contains(TOKEN), name));
    assertTrue(Files.readString(ofHub.resolve("plan.json")).contains(PINNED));

    // The branch moves on: the same command is another run.
    server.repo("models/org/demo").commit("main", "9".repeat(40), HubServer.below(MODEL));
    onHub(command).exits(6);
    server.repo("models/org/demo").revisions.put("main", COMMIT);
  }

  private static long length(String range) {
    String[] ends = range.substring("bytes=".length()).split("-");
    return Long.parseLong(ends[1]) - Long.parseLong(ends[0]) + 1;
  }

  @Test
  void evaluateMeasuresWhatItMeasuresOfTheFolder() throws IOException, InterruptedException {
    Object[] command = {
      "evaluate", HUB_MODEL, "--dataset", TEXTS, "--sequence-length", 64, "--format", "json"
    };
    JsonNode ofHub = onHub(command).exits(0).json();
    command[1] = MODEL;
    command[3] = directory.resolve("texts");
    JsonNode ofDisk = Invocation.of(command).exits(0).json();
    assertEquals(ofDisk, ofHub);
    assertTrue(ofHub.get("tokens").asInt() > 500, ofHub::toString);
  }

  @Test
  void nothingIsWrittenToTheHub() throws IOException, InterruptedException {
    Invocation ended =
        onHub("compress", "--model", HUB_MODEL, "--recipe", "ptqtp", "--output", "hf://org/out")
            .exits(2);
    assertTrue(ended.err().endsWith("upload from there\n"), ended.err());
    assertTrue(ended.err().contains("tritmill: hf://org/out: the Hub is only read"), ended.err());
    assertEquals(List.of(), server.seen());
  }

  @Test
  void whatIsRefusedIsOneSentence() throws IOException, InterruptedException {
    String anonymous = onHub(Map.of("HF_TOKEN", ""), "inspect", HUB_MODEL).exits(4).err();
    assertTrue(anonymous.contains("tritmill: hf://org/demo: "), anonymous);
    assertTrue(anonymous.endsWith("set HF_TOKEN if it is private\n"), anonymous);
    String offline = onHub(Map.of("HF_HUB_OFFLINE", "1"), "inspect", HUB_MODEL).exits(4).err();
    assertTrue(offline.contains("tritmill: hf://org/demo: HF_HUB_OFFLINE is set"), offline);
  }
}
