package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs of the demo model as folders that other programs open. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class ExportTest {
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

  /** What is decoded without loss computes what the run computes, to the last bit. */
  @ParameterizedTest
  @CsvSource({"int4, f16", "planes, f32", "free, f32"})
  void plainWeightsComputeTheSame(String name, String format) throws IOException {
    Path output = directory.resolve(name + "-" + format);
    runs.export(name, format, output).exits(0);
    assertEquals(0, runs.divergence(output, name));
  }

  /** What is packed is a model like others here, and computes the same too. */
  @ParameterizedTest
  @CsvSource({
    "int4, compressed-tensors",
    "planes, compressed-tensors",
    "int4, gptq",
    "planes, gptq",
    "int4, awq",
    "zeros, awq"
  })
  void packedIntegersComputeTheSame(String name, String format) throws IOException {
    Path output = directory.resolve(name + "-as-" + format);
    runs.export(name, format, output).exits(0);
    assertEquals(0, runs.divergence(output, name));
    Invocation verified = Invocation.of("verify", output).exits(0);
    assertTrue(verified.out().contains("verified: 56 tensors"), verified.out());
    Invocation.of("inspect", output).exits(0);
    Invocation.of("plan", "--model", output, "--recipe", "twn").exits(0);
    assertEquals(
        generated(directory.resolve("run-" + name)), generated(output), "with the same text");
  }

  private static String generated(Path model) {
    return Invocation.of("generate", model, "--prompt", "Once upon", "--max-tokens", 8)
        .exits(0)
        .out();
  }

  @Test
  void whatAFormatHoldsIsToldBeforeItIsWritten() throws IOException {
    Path output = directory.resolve("told");
    Invocation exported = runs.export("int4", "compressed-tensors", output);
    exported.exits(0);
    assertTrue(exported.out().contains("q_proj.weight"), exported.out());
    assertTrue(exported.out().contains("vllm serve"), exported.out());
    JsonNode quantization = RunFiles.json(output.resolve("config.json")).get("quantization_config");
    assertEquals("compressed-tensors", quantization.get("quant_method").asText());
    JsonNode group = quantization.get("config_groups").get("group_0");
    assertEquals(64, group.get("weights").get("group_size").asInt());
    assertEquals(42, group.get("targets").size());
    assertTrue(Files.readString(output.resolve("README.md")).contains("int: {bits: 4"));
  }

  @Test
  void planesThatAreNoIntegersStayPlain() {
    Path output = directory.resolve("free-packed");
    Invocation exported = runs.export("free", "compressed-tensors", output);
    exported.exits(0);
    assertTrue(exported.out().contains(" F16 "), exported.out());
    assertTrue(exported.out().contains("levels are no integers"), exported.out());
    DemoRuns.ends(
        runs.export("free", "gptq", directory.resolve("free-gptq")), 3, "use compressed-tensors");
  }

  @Test
  void whatWouldBeLostNeedsALeave() {
    Path output = directory.resolve("lossy");
    DemoRuns.ends(runs.export("free", "bf16", output), 3, "--allow-lossy");
    assertTrue(Files.notExists(output));
    runs.export("free", "bf16", output, "--allow-lossy").exits(0);
  }

  /** Without its quantization_config the exported model would be another one. */
  @ParameterizedTest
  @CsvSource({
    "bitnet-online, '*.gate_proj.weight', the source is bitnet",
    "gpt_oss-mxfp4, '*.q_proj.weight', is kept in the form of its source"
  })
  void whatItsSourceMeantIsNotDropped(String golden, String match, String sentence)
      throws IOException {
    Path recipe = directory.resolve(golden + ".yaml");
    String rules =
        "version: 1\nname: part\nrules:\n  - {match: \"%s\", stages: [{int: {group: 8}}]}\n";
    Files.writeString(recipe, rules.formatted(match) + "  - {match: \"*\", keep: true}\n");
    Path run = directory.resolve("run-" + golden);
    Path model = Path.of("src/test/resources/golden").toAbsolutePath().resolve(golden);
    Invocation.of("compress", "--model", model, "--recipe", recipe, "--output", run).exits(0);
    DemoRuns.ends(runs.export(golden, "f32", directory.resolve(golden)), 3, sentence);
  }

  /** Trits of BitNet: read back they are the run's. */
  @Test
  void tritsOfOneScaleAreBitnet() throws IOException {
    runs.compress("ternary", "absmean: {group: tensor}");
    Path output = directory.resolve("bitnet");
    runs.export("ternary", "bitnet", output).exits(0);
    JsonNode config = RunFiles.json(output.resolve("config.json")).get("quantization_config");
    assertEquals("autobitlinear", config.get("linear_class").asText());
    DemoRuns.ends(
        runs.export("planes", "bitnet", directory.resolve("none")), 3, "no trits times a scale");
  }

  @Test
  void aRunIsWrittenForOtherProgramsToo() throws IOException {
    Path recipe = directory.resolve("with-export.yaml");
    Files.writeString(
        recipe,
        """
        version: 1
        name: with-export
        rules: [{match: "*", stages: [{int: {bits: 4, group: 32}}]}]
        export: [{format: gguf, type: q4_0}]
        """);
    Path run = directory.resolve("run-exported");
    Object[] line = {
      "compress", "--model", DemoRuns.DEMO, "--recipe", recipe, "--output", run, "--export", "gptq"
    };
    Invocation made = Invocation.of(line).exits(0);
    assertTrue(made.err().contains("exported: llama-cli -m " + run), made.err());
    assertTrue(Files.exists(run.resolve("export/gguf-q4_0/run-exported-q4_0.gguf")));
    assertTrue(Files.exists(run.resolve("export/gptq/config.json")));
    Invocation.of("verify", run).exits(0);
    Files.delete(run.resolve("export/gptq/config.json"));
    Invocation again = Invocation.of(line).exits(0);
    assertTrue(again.err().contains("gguf-q4_0: is written already"), again.err());
    assertTrue(Files.exists(run.resolve("export/gptq/config.json")));
    line[line.length - 1] = "gguf:q9";
    DemoRuns.ends(Invocation.of(line), 2, "--format is gguf:q9, expected one of");
  }

  @Test
  void mistakesEndInASentence() throws IOException {
    Path full = Files.createDirectories(directory.resolve("full"));
    Files.writeString(full.resolve("file"), "x");
    DemoRuns.ends(runs.export("int4", "f16", full), 6, "there is something already");
    DemoRuns.ends(
        runs.export("int4", "onnx", directory.resolve("none")), 2, "expected one of bf16");
    DemoRuns.ends(
        Invocation.of(
            "export", DemoRuns.DEMO, "--format", "f16", "--output", directory.resolve("none")),
        4,
        "is a model, expected the directory of a run");
  }
}
