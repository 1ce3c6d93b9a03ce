package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Every command over the model that comes with Tritmill, from arguments to Parquet. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class BundledModelTest {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));
  private static final Path MODEL = ROOT.resolve("examples/demo-6m");
  private static final Path EVALUATION = ROOT.resolve("examples/demo-evaluation");

  /** Six blocks of seven linear layers. */
  private static final int LAYERS = 42;

  @TempDir private static Path directory;

  private static Path run;
  private static Invocation demo;

  @BeforeAll
  static void runTheDemo() {
    run = directory.resolve("demo 50% of it");
    demo = demo("--output", run, "--format", "json").exits(0);
  }

  private static Invocation demo(Object... more) {
    String home = System.getProperty("tritmill.home");
    System.setProperty("tritmill.home", ROOT.toString());
    try {
      Object[] line = new Object[more.length + 1];
      line[0] = "demo";
      System.arraycopy(more, 0, line, 1, more.length);
      return Invocation.of(line);
    } finally {
      if (home == null) {
        System.clearProperty("tritmill.home");
      } else {
        System.setProperty("tritmill.home", home);
      }
    }
  }

  @Test
  void theDemoEndsWithAFileThatSaysASentence() {
    Path told = directory.resolve("told");
    List<String> lines = demo("--output", told).exits(0).out().lines().toList();
    Path file = told.resolve("export/gguf-auto/told-auto.gguf");
    assertTrue(Files.exists(file));
    assertEquals("elsewhere        llama-cli -m " + file, lines.get(lines.size() - 2));
    assertTrue(
        lines.getLast().matches("it says          Once upon a time, [A-Za-z ,]+\\."),
        lines.getLast());
  }

  @Test
  void theDemoPrintsItsSummaryAndNamesTheRun() {
    ObjectNode printed = (ObjectNode) demo.json();
    assertEquals("file:" + run, printed.remove("run_dir").asText());
    assertEquals(RunFiles.json(run.resolve("summary.json")), printed);
    assertEquals(LAYERS, demo.err().lines().filter(line -> line.contains(" bpw ")).count());
  }

  @Test
  void theSummaryIsThatOfAGoodRun() {
    JsonNode summary = RunFiles.json(run.resolve("summary.json"));

    assertEquals("complete", summary.get("status").asText());
    assertEquals(5_770_496, summary.get("parameters").asLong());
    assertEquals(3.325, summary.get("bits_per_weight").asDouble(), 0.005);
    assertEquals(0.1694, summary.get("relative_error").asDouble(), 0.0005);
    assertEquals(61.149785, summary.get("perplexity_baseline").asDouble(), 6e-4);
    assertEquals(62.378, summary.get("perplexity").asDouble(), 0.3);
    assertEquals(28107, summary.get("tokens").asLong());
    assertTrue(summary.get("kl_divergence").asDouble() > 0.01, summary.toString());
    assertEquals(
        summary.get("perplexity").asDouble() / summary.get("perplexity_baseline").asDouble(),
        summary.get("perplexity_ratio").asDouble(),
        1e-9);
  }

  @Test
  void theTablesAgreeWithTheSummary() {
    JsonNode summary = RunFiles.json(run.resolve("summary.json"));
    List<Row> layers = RunFiles.table(run, "layers");
    Row total = RunFiles.table(run, "runs").getFirst();

    assertEquals(summary.get("bytes_in").asLong(), sum(layers, "bytes_in"));
    assertEquals(summary.get("bytes_out").asLong(), sum(layers, "bytes_out"));
    assertEquals(summary.get("parameters").asLong(), sum(layers, "n_params"));
    assertEquals(summary.get("bytes_out").asLong(), total.<Long>getAs("bytes_out"));
    assertEquals(
        summary.get("bits_per_weight_model").asDouble(),
        total.<Double>getAs("file_bits_per_weight"));
    List<Row> packed = layers.stream().filter(row -> row.getAs("status").equals("ok")).toList();
    assertEquals(LAYERS, packed.size());
    assertEquals(
        summary.get("bits_per_weight").asDouble(),
        8.0 * sum(packed, "bytes_out") / sum(packed, "n_params"),
        1e-12);
    assertEquals(6, RunFiles.table(run, "blocks").size());
  }

  /**
   * Every tensor is read for what becomes of it, and those that are kept once more to be copied.
   */
  @Test
  void theRunsTableSaysWhatWasReadAndHeld() {
    List<Row> layers = RunFiles.table(run, "layers");
    Row total = RunFiles.table(run, "runs").getFirst();
    List<Row> kept = layers.stream().filter(row -> row.getAs("status").equals("kept")).toList();

    assertEquals(sum(layers, "bytes_in") + sum(kept, "bytes_in"), total.<Long>getAs("bytes_read"));
    assumeTrue(Files.isReadable(Path.of("/proc/self/status")));
    long peak = total.getAs("executor_peak_rss_bytes");
    assertTrue(peak > 100 << 20 && peak < 16L << 30, () -> "peak is " + peak);
    assertTrue(total.<Long>getAs("driver_peak_rss_bytes") >= peak, "one process is both");
  }

  private static long sum(List<Row> rows, String column) {
    return rows.stream().mapToLong(row -> row.<Long>getAs(column)).sum();
  }

  @Test
  void aRowSaysWhatBecameOfALayer() {
    for (Row row : RunFiles.table(run, "layers")) {
      String name = row.getAs("tensor_name");
      assertEquals("demo 50% of it", row.getAs("run_id"), name);
      assertTrue(row.<String>getAs("sha256").matches("[0-9a-f]{64}"), name);
      if (row.getAs("status").equals("ok")) {
        assertEquals(2, row.<Integer>getAs("planes"), name);
        assertEquals(128, row.<Integer>getAs("group_size"), name);
        double shares =
            row.<Double>getAs("frac_neg")
                + row.<Double>getAs("frac_zero")
                + row.<Double>getAs("frac_pos");
        assertEquals(1.0, shares, 1e-12, name);
        double relative = row.getAs("weight_rel_err");
        assertEquals(-20 * Math.log10(relative), row.<Double>getAs("weight_sqnr_db"), 1e-9, name);
        assertTrue(relative > 0.1 && relative < 0.25, "%s: %f".formatted(name, relative));
      } else {
        assertEquals("kept", row.getAs("status"), name);
        assertEquals("keep", row.getAs("method"), name);
        assertEquals(row.<Long>getAs("bytes_in"), row.<Long>getAs("bytes_out"), name);
        assertTrue(row.isNullAt(row.fieldIndex("weight_rel_err")), name);
      }
    }
  }

  @Test
  void theEvaluationIsATable() {
    JsonNode summary = RunFiles.json(run.resolve("summary.json"));
    List<Row> metrics = RunFiles.table(run, "eval");

    Row perplexity =
        metrics.stream()
            .filter(row -> row.getAs("metric").equals("perplexity"))
            .findFirst()
            .orElseThrow();
    assertEquals(summary.get("perplexity").asDouble(), perplexity.<Double>getAs("value"));
    assertEquals(
        summary.get("perplexity_baseline").asDouble(), perplexity.<Double>getAs("baseline_value"));
  }

  @Test
  void everyFileIsThereAndNothingElse() {
    List<String> files =
        RunFiles.below(run).keySet().stream()
            .map(file -> file.replaceAll("part-.*\\.parquet", "part.parquet"))
            .toList();

    assertEquals(
        List.of(
            "MANIFEST.json",
            "_SUCCESS",
            "model/config.json",
            "model/generation_config.json",
            "model/model.safetensors",
            "model/special_tokens_map.json",
            "model/tokenizer.json",
            "model/tokenizer_config.json",
            "plan.json",
            "recipe.yaml",
            "reports/blocks/part.parquet",
            "reports/eval/part.parquet",
            "reports/layers/part.parquet",
            "reports/runs/part.parquet",
            "summary.json"),
        files);
  }

  @Test
  void verifyFindsNothingWrong() {
    JsonNode found =
        Invocation.of("verify", run, "--layers", 5, "--format", "json").exits(0).json();

    assertTrue(found.get("ok").asBoolean());
    assertEquals(13, found.get("files").asInt());
    assertEquals(5, found.get("layers").size());
    assertEquals(0, found.get("problems").size());
    assertEquals(0, found.get("remarks").size());
  }

  @Test
  void planSaysBeforehandWhatCameOut() {
    JsonNode plan =
        Invocation.of("plan", "--model", MODEL, "--recipe", "ptqtp-uniform", "--format", "json")
            .exits(0)
            .json();
    JsonNode summary = RunFiles.json(run.resolve("summary.json"));

    for (String same :
        List.of(
            "recipe_sha256", "parameters", "bytes_in", "bytes_out", "bits_per_weight", "model")) {
      assertEquals(summary.get(same), plan.get(same), same);
    }
    assertTrue(plan.get("seconds_low").asDouble() < plan.get("seconds_high").asDouble());
    assertTrue(plan.get("memory_per_task_bytes").asLong() > 0);
    assertEquals(0, plan.get("warnings").size());
  }

  @Test
  void inspectListsThePackedTensors() {
    JsonNode listing =
        Invocation.of("inspect", run.resolve("model"), "--format", "json").exits(0).json();
    assertTrue(listing.get("usable").asText().startsWith("yes, packed"), listing.toString());

    assertTrue(
        listing.toString().contains("model.layers.5.mlp.down_proj.weight.trits"),
        listing.toString());
    String text = Invocation.of("inspect", run.resolve("model/model.safetensors")).exits(0).out();
    assertTrue(text.contains("model.layers.0.self_attn.q_proj.weight.scales"), text);
  }

  @Test
  void theSameCommandAgainVerifiesAndEndsWell() {
    var before = RunFiles.json(run.resolve("MANIFEST.json"));

    Invocation again =
        Invocation.of("compress", "--model", MODEL, "--recipe", "ptqtp-uniform", "--output", run)
            .exits(0);

    assertTrue(again.err().contains("is complete already; verifying it"), again.err());
    assertEquals("RUN_DIR=file:" + run, again.lastLine());
    assertEquals(before, RunFiles.json(run.resolve("MANIFEST.json")));
  }

  @Test
  void anotherRecipeOnTheSameOutputIsAConflict() {
    Invocation other =
        Invocation.of("compress", "--model", MODEL, "--recipe", "twn", "--output", run).exits(6);

    assertTrue(other.err().contains("holds a run of another recipe (ptqtp-uniform)"), other.err());
  }

  @Test
  void resumeNeverRefusesAnOutputThatHoldsARun() {
    Invocation never =
        Invocation.of(
                "compress",
                "--model",
                MODEL,
                "--recipe",
                "ptqtp-uniform",
                "--output",
                run,
                "--resume",
                "never")
            .exits(6);

    assertTrue(never.err().contains("holds a run already"), never.err());
  }

  @Test
  void resumeRequireRefusesANewOutput() {
    Path output = directory.resolve("new");
    Invocation require =
        Invocation.of(
                "compress",
                "--model",
                MODEL,
                "--recipe",
                "ptqtp-uniform",
                "--output",
                output,
                "--resume",
                "require")
            .exits(6);

    assertTrue(require.err().contains("holds no unfinished run to resume"), require.err());
    assertFalse(Files.exists(output));
  }

  @Test
  void outputAndModelMayNotLieInOneAnother() {
    Path output = MODEL.resolve("run");
    Invocation inside =
        Invocation.of("compress", "--model", MODEL, "--recipe", "ptqtp-uniform", "--output", output)
            .exits(6);

    assertTrue(inside.err().contains("lie in one another"), inside.err());
    assertFalse(Files.exists(output));
    Invocation.of(
            "compress",
            "--model",
            MODEL,
            "--recipe",
            "ptqtp-uniform",
            "--output",
            MODEL.getParent())
        .exits(6);
  }

  @Test
  void aRunIsEvaluatedAgainAndItsGateDecides() throws IOException {
    Path gated = directory.resolve("gated");
    Path recipe = directory.resolve("gated.yaml");
    Files.writeString(
        recipe,
        """
        version: 1
        name: gated
        rules: [{match: "*", stages: [{absmean: {group: tensor}}]}]
        gate: {max_perplexity_ratio: 1.5}
        """);
    Invocation.of("compress", "--model", MODEL, "--recipe", recipe, "--output", gated).exits(0);

    Invocation evaluation =
        Invocation.of(
                "evaluate",
                gated,
                "--baseline",
                MODEL,
                "--dataset",
                EVALUATION,
                "--sequence-length",
                256,
                "--limit",
                16,
                "--format",
                "json")
            .exits(5);

    JsonNode result = evaluation.json();
    assertTrue(result.get("perplexity_ratio").asDouble() > 1.5, result.toString());
    assertEquals(16, result.get("documents").asInt());
    assertTrue(evaluation.err().contains("the gate of the recipe allows 1.5000"), evaluation.err());
    JsonNode summary = RunFiles.json(gated.resolve("summary.json"));
    assertEquals(result.get("perplexity"), summary.get("perplexity"));
    assertTrue(summary.get("gate").asText().startsWith("perplexity ratio is "));
    Invocation.of("verify", gated).exits(0);
  }
}
