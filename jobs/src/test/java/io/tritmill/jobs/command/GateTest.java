package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Gates of the recipe and against accepted runs, through the command line. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class GateTest {
  private static final String ROWS = "rules: [{match: \"*\", stages: [{twn: {group: row}}]}]\n";
  private static final String FINE =
      "rules: [{match: \"*\", stages: [{ptqtp: {planes: 3, group: 8}}]}]\n";

  @TempDir private Path directory;
  private TinyModel tiny;
  private Path runs;

  @BeforeEach
  void writeModel() {
    tiny = TinyModel.in(directory);
    runs = directory.resolve("runs");
  }

  @Test
  void aLayerBeyondTheWeightErrorEndsCompressingWithFiveAndIsNamed() {
    tiny.recipe(ROWS + "gate: {max_weight_error: 0.01}");

    Invocation compressed = Invocation.of(tiny.compress("--format", "json")).exits(5);

    JsonNode summary = compressed.json(0);
    JsonNode worst = summary.get("worst_layers");
    JsonNode verdict = verdict(tiny.output());
    String reason = verdict.get("reason").asText();
    assertEquals("failed", verdict.get("verdict").asText());
    assertTrue(reason.contains(worst.get("weight_layer").asText()), reason);
    assertTrue(reason.endsWith(", the gate of the recipe allows 0.01000"), reason);
    assertEquals(reason, summary.get("gate").asText());
    assertTrue(
        compressed.err().endsWith("tritmill: file:%s: %s\n".formatted(tiny.output(), reason)));
    JsonNode check = verdict.get("checks").get(0);
    assertEquals("weight_error", check.get("metric").asText());
    assertEquals("recipe", check.get("asked").asText());
    assertEquals(0.01, check.get("limit").asDouble());
    assertEquals(worst.get("weight_error"), check.get("found"));
    double largest =
        RunFiles.table(tiny.output(), "layers").stream()
            .filter(row -> row.getAs("status").equals("ok"))
            .mapToDouble(row -> row.getAs("weight_rel_err"))
            .max()
            .orElseThrow();
    assertEquals(largest, worst.get("weight_error").asDouble());
  }

  @Test
  void aRunThatItsGateRefusesIsCompleteAndStaysRefused() {
    tiny.recipe(ROWS + "gate: {max_weight_error: 0.01}");
    Invocation.of(tiny.compress()).exits(5);
    JsonNode manifest = RunFiles.json(tiny.output().resolve("MANIFEST.json"));

    Invocation again = Invocation.of(tiny.compress()).exits(5);

    assertTrue(again.err().contains("is complete already; verifying it"), again.err());
    Invocation.of("verify", tiny.output()).exits(0);
    Invocation.of("gate", tiny.output()).exits(5);
    assertEquals(manifest, RunFiles.json(tiny.output().resolve("MANIFEST.json")));
  }

  @Test
  void aVerdictThatIsOnlyWrittenDownLeavesTheDecisionToTheGateCommand() {
    tiny.recipe(ROWS + "gate: {max_weight_error: 0.01}");

    Invocation later = Invocation.of(tiny.compress("--gate", "later")).exits(0);

    assertTrue(later.err().contains("gate: file:" + tiny.output()), later.err());
    assertEquals("failed", verdict(tiny.output()).get("verdict").asText());
    Invocation.of("gate", tiny.output(), "--gate", "later").exits(0);
    Invocation.of("gate", tiny.output()).exits(5);
  }

  @Test
  void aLimitThatOnlyAnEvaluationDecidesIsOpenUntilThen() {
    tiny.recipe(FINE + "gate: {max_kl_divergence: 1.5, max_perplexity_ratio: 3}");
    Invocation compressed = Invocation.of(tiny.compress()).exits(0);
    assertTrue(compressed.err().contains("gate: file:"), compressed.err());
    assertEquals("open", verdict(tiny.output()).get("verdict").asText());
    Invocation early = Invocation.of("gate", tiny.output()).exits(5);
    assertTrue(
        early.err().contains("KL divergence is not measured yet, run evaluate with --baseline"),
        early.err());

    Invocation without = evaluate(tiny.output()).exits(0);
    assertTrue(without.err().contains("with --baseline"), without.err());
    evaluate(tiny.output(), "--baseline", tiny.model()).exits(0);

    JsonNode verdict = verdict(tiny.output());
    assertEquals("passed", verdict.get("verdict").asText());
    assertEquals("passed", verdict.get("reason").asText());
    assertEquals(2, verdict.get("checks").size());
    assertEquals("passed", summary(tiny.output()).get("gate").asText());
    Invocation gate = Invocation.of("gate", tiny.output(), "--format", "json").exits(0);
    assertEquals(verdict, gate.json());
    Invocation.of("verify", tiny.output()).exits(0);
  }

  @Test
  void anEvaluationBeyondTheDivergenceEndsWithFive() {
    tiny.recipe(ROWS + "gate: {max_kl_divergence: 1e-9}");
    Invocation.of(tiny.compress()).exits(0);

    Invocation evaluated =
        evaluate(tiny.output(), "--baseline", tiny.model(), "--format", "json").exits(5);

    assertTrue(evaluated.json().get("kl_divergence").asDouble() > 1e-9);
    String reason = verdict(tiny.output()).get("reason").asText();
    assertTrue(reason.startsWith("KL divergence is "), reason);
    assertTrue(evaluated.err().contains(reason), evaluated.err());
    Invocation.of("verify", tiny.output()).exits(0);
  }

  @Test
  void theFirstRunOfAFolderIsAcceptedAndAWorseOneIsNot() {
    Path first = run("first", FINE);
    evaluate(first, "--baseline", tiny.model(), "--accepted", runs).exits(0);
    assertEquals(
        "no run in file:%s was accepted yet, this is the first".formatted(runs),
        verdict(first).get("checks").get(0).get("reason").asText());

    Path worse = run("worse", ROWS);
    Invocation refused =
        evaluate(worse, "--baseline", tiny.model(), "--accepted", runs, "--tolerance", "0.01")
            .exits(5);

    JsonNode verdict = verdict(worse);
    String reason = verdict.get("reason").asText();
    assertTrue(reason.contains(", the accepted run first has "), reason);
    assertTrue(refused.err().contains(reason), refused.err());
    assertEquals("file:" + first, verdict.get("accepted_run").asText());
    assertEquals(0.01, verdict.get("tolerance").asDouble());
    double accepted = summary(first).get("kl_divergence").asDouble();
    JsonNode check = verdict.get("checks").get(verdict.get("checks").size() - 1);
    assertEquals("kl_divergence", check.get("metric").asText());
    assertEquals(accepted * 1.01, check.get("limit").asDouble());

    Invocation.of("gate", worse, "--accepted", runs, "--tolerance", "9999").exits(0);
    assertEquals("passed", verdict(worse).get("verdict").asText());
    Invocation.of("verify", worse).exits(0);
  }

  @Test
  void theSameRecipeIsComparedAsSoonAsItIsCompressed() {
    Path first = run("first", FINE);
    evaluate(first, "--baseline", tiny.model(), "--accepted", runs).exits(0);

    Path second = run("second", FINE, "--accepted", first);

    JsonNode verdict = verdict(second);
    assertEquals("open", verdict.get("verdict").asText());
    assertEquals("weight_error", verdict.get("checks").get(0).get("metric").asText());
    assertEquals("passed", verdict.get("checks").get(0).get("outcome").asText());
  }

  @Test
  void runsThatWereMeasuredOnDifferentDataAreNotCompared() {
    Path first = run("first", FINE);
    evaluate(first, "--accepted", runs).exits(0);
    Path second = run("second", FINE);

    Invocation refused = evaluate(second, "--limit", 2, "--accepted", runs).exits(5);

    assertTrue(
        refused.err().contains("which cannot be compared; evaluate both alike"), refused.err());
    assertEquals("failed", verdict(second).get("verdict").asText());
  }

  @Test
  void aRunWithoutAGateHasNoVerdict() {
    Path run = run("plain", FINE);

    Invocation gate = Invocation.of("gate", run).exits(0);

    assertTrue(gate.out().contains("plain: passed: nothing is asked of this run"), gate.out());
    assertFalse(gate.out().contains("at most"), gate.out());
    assertFalse(Files.exists(run.resolve("gate.json")));
    JsonNode json = Invocation.of("gate", run, "--format", "json").exits(0).json();
    assertEquals(0, json.get("basis").size());
    assertTrue(json.get("reason").asText().startsWith("nothing is asked"), json.toString());
  }

  @Test
  void aPathThatIsNoRunAndNoFolderOfRunsIsAnError() throws IOException {
    Path run = run("plain", FINE);
    evaluate(run).exits(0);

    for (Path wrong :
        List.of(directory.resolve("rnus"), tiny.model(), run.resolve("summary.json"))) {
      Invocation refused = Invocation.of("gate", run, "--accepted", wrong).exits(4);
      assertTrue(refused.err().contains(wrong + ": "), refused.err());
      assertTrue(refused.err().contains("to compare with, or a folder of runs"), refused.err());
      evaluate(run, "--accepted", wrong).exits(4);
    }
    assertFalse(Files.exists(run.resolve("gate.json")));
  }

  @Test
  void thatARunIsTheFirstIsSaidInTextAndJson() throws IOException {
    Path run = run("plain", FINE);
    evaluate(run).exits(0);
    Path empty = Files.createDirectories(directory.resolve("empty"));

    Invocation text = Invocation.of("gate", run, "--accepted", empty).exits(0);
    JsonNode json =
        Invocation.of("gate", run, "--accepted", empty, "--format", "json").exits(0).json();

    String reason = "no run in file:%s was accepted yet, this is the first".formatted(empty);
    assertEquals("plain: passed: " + reason, text.lastLine());
    assertTrue(text.out().contains("first run"), text.out());
    assertEquals(reason, json.get("reason").asText());
    assertEquals("[\"first\"]", json.get("basis").toString());
    assertEquals(json, verdict(run));
  }

  @Test
  void theFolderOfTheFirstRunNeedNotBeThereYet() {
    run("first", FINE, "--accepted", runs);

    assertEquals("open", verdict(runs.resolve("first")).get("verdict").asText());
  }

  @Test
  void mistakesAreToldBeforeAnythingIsMeasured() {
    Path run = run("unfit", ROWS + "gate: {max_weight_error: 0.01}", "--gate", "later");

    for (Object[] wrong :
        new Object[][] {
          {2, "has not passed its own gate", run, "--accepted", run},
          {2, "--tolerance is -0.1", run, "--accepted", runs, "--tolerance", "-0.1"},
          {2, "is no run, and --accepted compares runs", tiny.model(), "--accepted", runs},
          {2, "NOW, LATER", run, "--gate", "never"}
        }) {
      Object[] more = Arrays.copyOfRange(wrong, 3, wrong.length);
      Invocation refused = evaluate((Path) wrong[2], more).exits((int) wrong[0]);
      assertTrue(refused.err().contains((String) wrong[1]), refused.err());
    }
    assertTrue(summary(run).get("perplexity").isNull());
    Invocation.of("gate", directory.resolve("nowhere")).exits(4);
  }

  private Path run(String name, String recipe, Object... more) {
    tiny.recipe(recipe);
    Path output = runs.resolve(name);
    Object[] arguments = tiny.compress(more);
    arguments[6] = output;
    Invocation.of(arguments).exits(0);
    return output;
  }

  private Invocation evaluate(Path run, Object... more) {
    Object[] arguments = tiny.evaluate(more);
    arguments[1] = run;
    return Invocation.of(arguments);
  }

  private static JsonNode verdict(Path run) {
    return RunFiles.json(run.resolve("gate.json"));
  }

  private static JsonNode summary(Path run) {
    return RunFiles.json(run.resolve("summary.json"));
  }
}
