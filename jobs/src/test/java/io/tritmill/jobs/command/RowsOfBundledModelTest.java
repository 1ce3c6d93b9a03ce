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

/** Rows that choose their planes against two planes in every row, on the bundled model. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class RowsOfBundledModelTest {
  private static final Path EXAMPLES =
      Path.of(System.getProperty("tritmill.root")).resolve("examples");

  @TempDir private static Path directory;

  @BeforeAll
  static void compress() throws IOException {
    compress("uniform", "ptqtp: {planes: 2, group: 128, tied: true}");
    compress("rows", "trit_rows: {bits: 3.3, group: 128}");
  }

  private static void compress(String name, String rounding) throws IOException {
    Path recipe = directory.resolve(name + ".yaml");
    Files.writeString(
        recipe,
        """
        version: 1
        name: %s
        calibration: {samples: 64, sequence_length: 128, held_out: 0}
        transforms: [hadamard]
        rules: [{match: "*", stages: [{output_metric: {rounds: 1}}, {gptq: {damp: 0.01}}, {%s}]}]
        """
            .formatted(name, rounding));
    Invocation.of(
            "compress",
            "--model",
            EXAMPLES.resolve("demo-6m"),
            "--recipe",
            recipe,
            "--calibration",
            EXAMPLES.resolve("demo-calibration"),
            "--output",
            directory.resolve(name))
        .exits(0);
  }

  @Test
  void theyLoseLessAtFewerBits() {
    JsonNode uniform = RunFiles.json(directory.resolve("uniform/summary.json"));
    JsonNode rows = RunFiles.json(directory.resolve("rows/summary.json"));
    assertEquals(3.325, uniform.get("bits_per_weight").asDouble(), 5e-4);
    double bits = rows.get("bits_per_weight").asDouble();
    assertTrue(bits <= 3.3 && bits > 3.29, rows.toString());
    assertTrue(divergence("rows") < 0.85 * divergence("uniform"));
  }

  @Test
  void theChoiceIsPartOfTheRun() {
    JsonNode layers = RunFiles.json(directory.resolve("rows/planes.json")).get("layers");
    assertEquals(42, layers.size());
    String digits = layers.get("model.layers.5.mlp.down_proj.weight").asText();
    assertTrue(digits.matches("[1-3]{256}"), digits);
    Invocation.of("verify", directory.resolve("rows"), "--layers", 42).exits(0);
  }

  private static double divergence(String name) {
    return Invocation.of(
            "evaluate",
            directory.resolve(name),
            "--dataset",
            EXAMPLES.resolve("demo-evaluation"),
            "--sequence-length",
            128,
            "--limit",
            48,
            "--baseline",
            EXAMPLES.resolve("demo-6m"),
            "--format",
            "json")
        .exits(0)
        .json()
        .get("kl_divergence")
        .asDouble();
  }
}
