package io.tritmill.jobs.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.model.ModelSources;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs of every family, with experts one by one and stacked, compute the same as GGUF files. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class ExportedFamiliesTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden").toAbsolutePath();

  /** Those that are not run. */
  private static final Set<String> NOT_RUN = Set.of("gemma4-small", "granitemoehybrid", "lfm2_moe");

  /**
   * Those of which no architecture of ggml computes what config.json says: windows, scales, limits
   * and rotations that it has not, or not in these blocks.
   */
  private static final Set<String> NOT_THE_SAME =
      Set.of(
          "bitnet",
          "bitnet-online",
          "deepseek_v3",
          "deepseek_v3-plain",
          "gemma2",
          "gemma3",
          "gemma3_text",
          "gemma4-moe",
          "gpt_oss",
          "ministral",
          "mistral",
          "qwen2",
          "qwen3_moe",
          "smollm3");

  @TempDir private static Path directory;
  private static Path recipe;

  @BeforeAll
  static void writeRecipe() throws IOException {
    recipe = directory.resolve("recipe.yaml");
    Files.writeString(
        recipe,
        "version: 1\nname: bytes\nrules: [{match: '*', stages: [{int: {bits: 8, group: row}}]}]\n");
  }

  static List<String> families() throws IOException {
    try (Stream<Path> folders = Files.list(GOLDEN)) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("config.json")))
          .map(folder -> folder.getFileName().toString())
          .filter(name -> !NOT_RUN.contains(name))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("families")
  void theFileComputesWhatTheRunComputes(String family) throws IOException {
    Path run = directory.resolve("run-" + family);
    Path file = directory.resolve(family + ".gguf");
    Invocation.of(
            "compress", "--model", GOLDEN.resolve(family), "--recipe", recipe, "--output", run)
        .exits(0);
    Invocation export = Invocation.of("export", run, "--format", "gguf:auto", "--output", file);
    if (NOT_THE_SAME.contains(family)) {
      assertTrue(export.exits(3).err().contains("run-" + family), export.err());
      assertTrue(Files.notExists(file));
      return;
    }
    export.exits(0);
    Storage storage = SharedSpark.storage();
    int[] ids = {1, 5, 9, 33, 2, 17, 40, 8, 3, 21, 60, 11};
    float[] ofRun =
        GoldenLogits.found(
            ModelSources.open(storage, storage.path(run.resolve("model").toString())), ids);
    float[] ofFile =
        GoldenLogits.found(ModelSources.open(storage, storage.path(file.toString())), ids);
    assertEquals(ofRun.length, ofFile.length);
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < ofRun.length; i++) {
      largest = Math.max(largest, Math.abs(ofRun[i]));
      difference = Math.max(difference, Math.abs(ofRun[i] - ofFile[i]));
    }
    double share = difference / largest;
    assertTrue(share <= 1e-5, () -> "differs by %.2g of the largest".formatted(share));
  }
}
