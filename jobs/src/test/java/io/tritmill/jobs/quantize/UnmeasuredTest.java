package io.tritmill.jobs.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is not measured, or cannot be, is null in every table and in the summary, and not 0. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class UnmeasuredTest {
  @TempDir private Path directory;
  private Path run;

  @BeforeEach
  void writeModel() {
    run = directory.resolve("run");
    new SafetensorsBuilder()
        .tensor("layers.0.zero.weight", DType.F32, List.of(4, 8), new float[32])
        .random("layers.0.some.weight", DType.F32, List.of(4, 8))
        .random("layers.0.some.bias", DType.F32, List.of(4))
        .write(directory.resolve("model/model.safetensors"));
  }

  private void compress(String rules) throws IOException {
    Path recipe = directory.resolve("recipe.yaml");
    Files.writeString(
        recipe, "version: 1\nname: r\nrules: [{match: \"*\", %s}]\n".formatted(rules));
    Invocation.of(
            "compress",
            "--model",
            directory.resolve("model"),
            "--recipe",
            recipe,
            "--weights-only",
            "--output",
            run)
        .exits(0);
    Invocation.of("verify", run, "--layers", 100).exits(0);
  }

  private Row layer(String tensor) {
    return RunFiles.table(run, "layers").stream()
        .filter(row -> row.getAs("tensor_name").equals(tensor))
        .findFirst()
        .orElseThrow();
  }

  private static void assertNulls(Row row, String... columns) {
    for (String column : columns) {
      assertNull(row.getAs(column), column);
    }
  }

  @Test
  void aLayerOfZerosLosesNoShareOfItself() throws IOException {
    compress("stages: [{twn: {group: row}}]");

    Row zero = layer("layers.0.zero.weight");
    assertEquals("ok", zero.getAs("status"));
    assertEquals(0.0, zero.<Double>getAs("weight_mse"));
    assertNulls(zero, "weight_rel_err", "weight_sqnr_db", "cosine");
    JsonNode worst = RunFiles.json(run.resolve("summary.json")).get("worst_layers");
    assertEquals("layers.0.some.weight", worst.get("weight_layer").asText());
    assertTrue(worst.get("output_error").isNull());
  }

  @Test
  void whatNoDataWasUsedForHasNoNumbersOfData() throws IOException {
    compress("stages: [{twn: {group: row}}]");

    Row some = layer("layers.0.some.weight");
    assertNulls(
        some,
        "output_mse",
        "output_rel_err",
        "output_rel_err_held_out",
        "calib_tokens",
        "dead_cols",
        "hessian_damp",
        "correction",
        "peak_offheap_bytes");
    assertTrue(some.<Double>getAs("weight_rel_err") > 0);
    assertNotNull(some.getAs("compute_ms"));
    assertNotNull(some.getAs("vector_bits"));
    Row runs = RunFiles.table(run, "runs").getFirst();
    assertNulls(runs, "git_commit", "error_class", "ppl", "ppl_baseline");
  }

  @Test
  void aRunThatQuantizesNothingHasNoErrorAndNoBits() throws IOException {
    compress("keep: true");

    Row kept = layer("layers.0.some.weight");
    assertNulls(kept, "group_size", "weight_mse", "weight_rel_err", "scale_mean", "frac_zero");
    JsonNode summary = RunFiles.json(run.resolve("summary.json"));
    for (String none : List.of("bits_per_weight", "relative_error", "perplexity", "gate")) {
      assertTrue(summary.get(none).isNull(), none);
    }
    assertTrue(summary.get("bits_per_weight_model").asDouble() > 31);
    assertNulls(RunFiles.table(run, "runs").getFirst(), "bits_per_weight");
  }
}
