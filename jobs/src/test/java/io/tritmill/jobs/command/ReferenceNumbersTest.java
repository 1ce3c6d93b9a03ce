package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Perplexities and errors by the command line, against what other implementations computed. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class ReferenceNumbersTest {
  private static final Path SHARED = Path.of(System.getProperty("tritmill.shared", "shared"));
  private static final Path STORIES = SHARED.resolve("data/tinystories-a");
  private static final Path EXAMPLES =
      Path.of(System.getProperty("tritmill.root")).resolve("examples");
  private static final Path DEMO = EXAMPLES.resolve("demo-6m");
  private static final Path EVALUATION = EXAMPLES.resolve("demo-evaluation");

  /** What other float32 arithmetic may differ by. */
  private static final double EXACT = 1e-5;

  /** What scales of eight bits may change an error by: the reference has eleven. */
  private static final double SCALES = 2e-3;

  @TempDir private Path directory;

  private Path recipe(String stage) throws IOException {
    Path recipe = directory.resolve("recipe.yaml");
    Files.writeString(
        recipe,
        """
        version: 1
        name: reference
        rules: [{match: "*", stages: [{%s}]}]
        """
            .formatted(stage));
    return recipe;
  }

  private Path compressed(Path model, String stage) throws IOException {
    Path run = directory.resolve("run");
    Invocation.of("compress", "--model", model, "--recipe", recipe(stage), "--output", run)
        .exits(0);
    return run;
  }

  private static JsonNode evaluated(
      Path model, Path data, String protocol, int length, Object... more) {
    List<Object> arguments =
        new ArrayList<>(
            List.of(
                "evaluate",
                model,
                "--dataset",
                data,
                "--protocol",
                protocol,
                "--sequence-length",
                length,
                "--format",
                "json"));
    arguments.addAll(List.of(more));
    return Invocation.of(arguments.toArray()).exits(0).json();
  }

  private static void assertNear(JsonNode expected, double found, double relative, String what) {
    assertEquals(expected.asDouble(), found, relative * expected.asDouble(), what);
  }

  /** The demo's own test has ptqtp by documents. */
  @ParameterizedTest
  @CsvSource({
    "absmean: {group: tensor}, absmean_per_tensor, documents windows",
    "twn: {group: row}, twn_per_row, documents windows",
    "'ptqtp: {planes: 2, group: 128}', ptqtp_2x128, windows"
  })
  void theBundledModelLosesWhatTheReferenceLoses(String stage, String method, String protocols)
      throws IOException {
    JsonNode reference = RunFiles.json(DEMO.resolve("reference.json"));
    Path run = compressed(DEMO, stage);

    for (String protocol : protocols.split(" ")) {
      JsonNode expected =
          reference.get("datasets").get("demo-evaluation").get(protocol).get(method);
      JsonNode found = evaluated(run, EVALUATION, protocol, 256);
      assertEquals(expected.get("predicted_tokens").asLong(), found.get("tokens").asLong());
      assertNear(expected.get("perplexity"), found.get("perplexity").asDouble(), 0.01, protocol);
    }
    JsonNode errors = reference.get("relative_frobenius_error").get(method);
    int compared = 0;
    for (Row row : RunFiles.table(run, "layers")) {
      if (row.getAs("status").equals("ok")) {
        String tensor = row.getAs("tensor_name");
        assertNear(errors.get(tensor), row.<Double>getAs("weight_rel_err"), SCALES, tensor);
        compared++;
      }
    }
    assertEquals(42, compared);
  }

  @Test
  void theBundledModelAsStoredHasTheReferencePerplexity() {
    JsonNode expected =
        RunFiles.json(DEMO.resolve("reference.json"))
            .get("datasets")
            .get("demo-evaluation")
            .get("windows")
            .get("bf16");

    JsonNode found = evaluated(DEMO, EVALUATION, "windows", 256);

    assertEquals(expected.get("sequences").asInt(), found.get("sequences").asInt());
    assertNear(expected.get("perplexity"), found.get("perplexity").asDouble(), EXACT, "windows");
  }

  private static JsonNode storiesReference(String weights) {
    assumeTrue(Files.isDirectory(STORIES), "The stories are not here");
    return RunFiles.json(STORIES.resolve("reference-stories260K.json"))
        .get("C_documents")
        .get(weights);
  }

  private static JsonNode evaluatedOnStories(Path model, Object... more) {
    return evaluated(
        model,
        STORIES.resolve("stories.jsonl"),
        "documents",
        512,
        Stream.concat(Stream.of("--limit", 200), Stream.of(more)).toArray());
  }

  @Test
  void storiesAsStoredHaveTheReferencePerplexity() {
    JsonNode half = storiesReference("float16");
    JsonNode single = storiesReference("fp32");

    JsonNode found =
        evaluatedOnStories(
            SHARED.resolve("models/stories260K-f16-sharded"),
            "--baseline",
            SHARED.resolve("models/stories260K"));

    assertEquals(half.get("predicted_tokens").asLong(), found.get("tokens").asLong());
    assertNear(half.get("ppl"), found.get("perplexity").asDouble(), EXACT, "F16");
    assertNear(single.get("ppl"), found.get("baseline_perplexity").asDouble(), EXACT, "F32");
    double divergence = found.get("kl_divergence").asDouble();
    assertEquals(5e-7, divergence, 5e-7, "rounding to half costs next to nothing");
  }

  @ParameterizedTest
  @CsvSource({
    "absmean: {group: tensor}, ternary_absmean_per_tensor",
    "twn: {group: row}, ternary_twn_per_row"
  })
  void roundedStoriesHaveTheReferencePerplexity(String stage, String weights) throws IOException {
    JsonNode expected = storiesReference(weights);

    JsonNode found = evaluatedOnStories(compressed(SHARED.resolve("models/stories260K"), stage));

    assertNear(expected.get("ppl"), found.get("perplexity").asDouble(), 0.01, stage);
  }

  /** Rows of 64 and 172 columns, which neither 128 nor five divides, in three shards of F16. */
  @Test
  void oddWidthsInSeveralShardsKeepTheModelAlive() throws IOException {
    JsonNode baseline = storiesReference("float16");
    Path model = SHARED.resolve("models/stories260K-f16-sharded");

    Path run = compressed(model, "ptqtp: {planes: 3, group: 128}");

    JsonNode found = evaluatedOnStories(run, "--baseline", model);
    assertNear(baseline.get("ppl"), found.get("baseline_perplexity").asDouble(), EXACT, "baseline");
    double ratio = found.get("perplexity_ratio").asDouble();
    assertTrue(ratio > 1 && ratio < 1.05, found.toString());
    assertTrue(found.get("kl_divergence").asDouble() < 0.05, found.toString());
    Invocation.of("verify", run, "--layers", 100).exits(0);
  }
}
