package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.gguf.GgufKeys;
import io.tritmill.jobs.gguf.GgufModel;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.tensor.Encoding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs of the demo model as GGUF files, which our own reader opens. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class GgufExportTest {
  @TempDir private static Path directory;
  private static DemoRuns runs;

  @BeforeAll
  static void compress() throws IOException {
    runs = new DemoRuns(directory);
    runs.compress("int4", "int: {bits: 4, group: 64}");
    runs.compress("zeros", "int: {bits: 4, group: 64, symmetric: false}");
    runs.compress("planes", "ptqtp: {planes: 2, group: 64, tied: true}");
    runs.compress("free", "ptqtp: {planes: 2, group: 64, iterations: 5}");
  }

  /** Each matrix in the smallest type that holds its levels, read back by our own reader. */
  @ParameterizedTest
  @CsvSource({
    "int4, gguf:auto, Q4_0",
    "int4, gguf:q4_1, Q4_1",
    "zeros, gguf:auto, Q4_1",
    "planes, gguf:auto, Q4_0",
    "free, gguf:f32, F32"
  })
  void aGgufFileComputesTheSame(String name, String format, String type) throws IOException {
    Path file = directory.resolve(name + "-" + type + ".gguf");
    Invocation exported = runs.export(name, format, file).exits(0);
    assertTrue(exported.out().contains("blk.0.attn_q.weight"), exported.out());
    assertTrue(
        exported.out().matches("(?s).*blk.0.ffn_up.weight +%s .*".formatted(type)), exported.out());
    assertTrue(exported.out().contains("llama-cli -m " + file), exported.out());
    assertEquals(0, runs.divergence(file, name));
  }

  @Test
  void partsOfAModelComputeTheSame() throws IOException {
    Path folder = directory.resolve("parts");
    Invocation exported = runs.export("int4", "gguf:auto", folder, "--split", "0.002").exits(0);
    assertTrue(
        exported.out().contains(folder + "/run-int4-auto-00001-of-00003.gguf"), exported.out());
    try (Stream<Path> files = Files.list(folder)) {
      List<String> names = files.map(file -> file.getFileName().toString()).sorted().toList();
      assertEquals("README.md", names.getFirst());
      assertTrue(names.contains("run-int4-auto-00001-of-00003.gguf"), names.toString());
    }
    assertEquals(0, runs.divergence(folder, "int4"));
    DemoRuns.ends(
        runs.export("int4", "gguf:auto", folder.resolve("x"), "--split", "0"), 2, "--split is 0.0");
  }

  @Test
  void tablesGetATypeOfTheirOwn() throws IOException {
    Path file = directory.resolve("tables.gguf");
    DemoRuns.ends(
        runs.export("int4", "gguf:auto", file, "--table-type", "q8_0"),
        3,
        "1 matrices would lose something in gguf:auto, the first token_embd.weight");
    Invocation exported =
        runs.export("int4", "gguf:auto", file, "--table-type", "q8_0", "--allow-lossy").exits(0);
    assertTrue(exported.out().matches("(?s).*token_embd.weight +Q8_0 .*"), exported.out());
    double divergence = runs.divergence(file, "int4");
    assertTrue(divergence > 0 && divergence < 1e-3, "KL " + divergence);
    DemoRuns.ends(
        runs.export("int4", "gptq", directory.resolve("t"), "--table-type", "q8_0"),
        2,
        "--table-type");
    DemoRuns.ends(
        runs.export("int4", "gguf:auto", directory.resolve("t"), "--table-type", "q9"),
        2,
        "--table-type is q9, expected one of auto, tq1_0");
  }

  /** What a type cannot hold is quantized again, which needs a leave and says by how much. */
  @Test
  void anotherTypeThanTheLevelsHaveIsLossy() throws IOException {
    Path file = directory.resolve("smaller.gguf");
    DemoRuns.ends(runs.export("int4", "gguf:tq2_0", file), 3, "--allow-lossy");
    runs.export("int4", "gguf:tq2_0", file, "--allow-lossy").exits(0);
    assertTrue(runs.divergence(file, "int4") > 0.1);
    Path larger = directory.resolve("larger.gguf");
    Invocation exported = runs.export("int4", "gguf:q8_0", larger).exits(0);
    assertTrue(exported.out().contains("Q8_0"), exported.out());
    assertEquals(0, runs.divergence(larger, "int4"));
  }

  /** A tensor of each plane: their sum is the matrix. */
  @Test
  void planesLieSideBySide() throws IOException {
    runs.compress("pairs", "ptqtp: {planes: 2, group: 256, iterations: 5}");
    Path planes = directory.resolve("pairs.gguf");
    Invocation exported = runs.export("pairs", "gguf:ptqtp", planes).exits(0);
    assertTrue(
        exported.out().matches("(?s).*blk.0.ffn_up.weight.ptqtp1 +TQ2_0 .*"), exported.out());
    assertTrue(exported.out().contains("llama.cpp does not"), exported.out());
    Path exact = directory.resolve("pairs-f32.gguf");
    runs.export("pairs", "gguf:f32", exact).exits(0);
    float[] sum = weights(planes, "blk.0.attn_q.weight.ptqtp0");
    float[] second = weights(planes, "blk.0.attn_q.weight.ptqtp1");
    for (int i = 0; i < sum.length; i++) {
      sum[i] += second[i];
    }
    assertArrayEquals(weights(exact, "blk.0.attn_q.weight"), sum);
  }

  @Test
  void aGgufFileSaysWhatItIs() throws IOException {
    Path file = directory.resolve("said.gguf");
    runs.export("int4", "gguf", file).exits(0);
    GgufKeys keys = open(file).keys();
    assertEquals("run int4", keys.text("general.name").orElseThrow());
    assertEquals("5.8M", keys.text("general.size_label").orElseThrow());
    assertEquals("gpt-2", keys.text("tokenizer.ggml.pre").orElseThrow());
  }

  private static GgufModel open(Path file) {
    Storage storage = SharedSpark.storage();
    return GgufModel.open(storage, List.of(storage.path(file.toString())), Set.of());
  }

  private static float[] weights(Path file, String name) throws IOException {
    GgufModel model = open(file);
    GgufModel.Tensor tensor = model.tensor(name).orElseThrow();
    byte[] all = Files.readAllBytes(file);
    Encoding encoding = Encoding.of(tensor.type()).orElseThrow();
    int count = (int) (tensor.shape().getFirst() * tensor.shape().getLast());
    float[] weights = new float[count];
    encoding.decode(all, (int) tensor.offset(), weights, 0, count);
    return weights;
  }

  /** What ggml cannot hold is told before the work, not after it. */
  @Test
  void aModelThatGgmlHasNotIsToldBeforeTheWork() {
    Path model = Path.of("src/test/resources/golden/gemma4-moe").toAbsolutePath();
    Path run = directory.resolve("run-gemma4");
    DemoRuns.ends(
        Invocation.of(
            "compress",
            "--model",
            model,
            "--recipe",
            "ptqtp",
            "--output",
            run,
            "--export",
            "gguf:auto"),
        3,
        "model_type is gemma4_text, which is not written as GGUF");
    assertTrue(Files.notExists(run));
  }
}
