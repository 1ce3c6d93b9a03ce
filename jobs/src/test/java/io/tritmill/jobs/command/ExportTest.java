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
import java.util.Arrays;
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
  private static final Path DEMO =
      Path.of(System.getProperty("tritmill.root")).resolve("examples/demo-6m");

  @TempDir private static Path directory;

  @BeforeAll
  static void compress() throws IOException {
    compress("int4", "int: {bits: 4, group: 64}");
    compress("planes", "ptqtp: {planes: 2, group: 64, tied: true}");
    compress("free", "ptqtp: {planes: 2, group: 64, iterations: 5}");
  }

  private static void compress(String name, String stage) throws IOException {
    Path recipe = directory.resolve(name + ".yaml");
    Files.writeString(
        recipe,
        """
        version: 1
        name: %s
        rules:
          - match: "*"
            stages: [{%s}]
        """
            .formatted(name, stage));
    Invocation.of(
            "compress",
            "--model",
            DEMO,
            "--recipe",
            recipe,
            "--output",
            directory.resolve("run-" + name))
        .exits(0);
  }

  private static Invocation export(String name, String format, Path output, Object... more) {
    Object[] arguments = {
      "export", directory.resolve("run-" + name), "--format", format, "--output", output
    };
    Object[] all = Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return Invocation.of(all);
  }

  private static void ends(Invocation invocation, int code, String sentence) {
    assertTrue(invocation.exits(code).err().contains(sentence), invocation.err());
  }

  /** What is decoded without loss computes what the run computes, to the last bit. */
  @ParameterizedTest
  @CsvSource({"int4, f16", "planes, f32", "free, f32"})
  void plainWeightsComputeTheSame(String name, String format) {
    Path output = directory.resolve(name + "-" + format);
    export(name, format, output).exits(0);
    Invocation evaluated =
        Invocation.of(
            "evaluate",
            directory.resolve("run-" + name),
            "--dataset",
            DEMO.resolveSibling("demo-evaluation"),
            "--limit",
            "4",
            "--baseline",
            output,
            "--format",
            "json");
    assertEquals(0, evaluated.exits(0).json().get("kl_divergence").asDouble());
  }

  @Test
  void whatAFormatHoldsIsToldBeforeItIsWritten() throws IOException {
    Path output = directory.resolve("told");
    Invocation exported = export("int4", "compressed-tensors", output);
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
    Invocation exported = export("free", "compressed-tensors", output);
    exported.exits(0);
    assertTrue(exported.out().contains(" F16 "), exported.out());
    assertTrue(exported.out().contains("levels are no integers"), exported.out());
    ends(export("free", "gptq", directory.resolve("free-gptq")), 3, "use compressed-tensors");
  }

  @Test
  void whatWouldBeLostNeedsALeave() {
    Path output = directory.resolve("lossy");
    ends(export("free", "bf16", output), 3, "--allow-lossy");
    assertTrue(Files.notExists(output));
    export("free", "bf16", output, "--allow-lossy").exits(0);
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
    ends(export(golden, "f32", directory.resolve(golden)), 3, sentence);
  }

  @Test
  void mistakesEndInASentence() throws IOException {
    Path full = Files.createDirectories(directory.resolve("full"));
    Files.writeString(full.resolve("file"), "x");
    ends(export("int4", "f16", full), 6, "there is something already");
    ends(export("int4", "onnx", directory.resolve("none")), 2, "expected one of bf16");
    ends(
        Invocation.of("export", DEMO, "--format", "f16", "--output", directory.resolve("none")),
        4,
        "is a model, expected the directory of a run");
  }
}
