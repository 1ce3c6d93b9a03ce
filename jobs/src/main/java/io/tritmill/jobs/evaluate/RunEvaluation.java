package io.tritmill.jobs.evaluate;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.jobs.recipe.RecipeParser;
import io.tritmill.jobs.report.EvalMetrics;
import io.tritmill.jobs.report.ReportTable;
import io.tritmill.jobs.report.Reports;
import io.tritmill.jobs.report.RunKey;
import io.tritmill.jobs.run.Manifest;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.run.RunSummary;
import io.tritmill.jobs.storage.Json;
import io.tritmill.jobs.storage.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/**
 * Enters what was measured of a run in its {@code eval} table and its summary, and asks the gate of
 * its recipe.
 *
 * <p>The success mark is taken away first and written again last, so that a reader never takes a
 * half-written result for a whole one; an interrupted entry is repeated by evaluating again.
 */
public final class RunEvaluation {
  /** The verdict of a gate that was passed. */
  public static final String PASSED = "passed";

  private static final int MAX_RECIPE = 1 << 20;

  private final SparkSession session;
  private final Storage storage;

  public RunEvaluation(SparkSession session, Storage storage) {
    this.session = session;
    this.storage = storage;
  }

  /**
   * Refuses a run that is not complete.
   *
   * @throws BadInputException if compressing it has not ended well
   */
  public void requireComplete(RunDirectory run) {
    if (!storage.exists(run.manifest())) {
      throw BadInputException.broken(
          "%s: is no complete run (no MANIFEST.json); finish it with the compress command that"
              + " began it",
          run.path());
    }
  }

  /**
   * Records a result.
   *
   * @param wallMillis time that it took
   * @return what the gate says, if the recipe has one and there is a baseline: {@link #PASSED}, or
   *     a sentence
   */
  public Optional<String> record(RunDirectory run, EvaluationResult result, long wallMillis) {
    Manifest manifest = Manifest.readUnsealed(storage, run);
    RunSummary before = RunSummary.read(storage, run);
    Recipe recipe =
        RecipeParser.parse(run.recipe().toString(), storage.read(run.recipe(), MAX_RECIPE));
    Optional<String> verdict = verdict(recipe, result);
    storage.delete(run.success());
    RunKey key =
        new RunKey(run.runId(), before.recipeSha256(), manifest.model(), manifest.modelSha256());
    Reports.write(session, run.reports(), ReportTable.EVAL, rows(key, result, wallMillis));
    storage.publish(run.summary(), Json.document(summary(before, result, verdict)));
    List<Manifest.Entry> unchanged =
        manifest.files().stream()
            .filter(entry -> entry.path().startsWith(run.model().getName() + "/"))
            .toList();
    Manifest.of(storage, run, manifest.model(), manifest.modelSha256(), unchanged)
        .publish(storage, run);
    return verdict;
  }

  private static Optional<String> verdict(Recipe recipe, EvaluationResult result) {
    if (recipe.gate().isEmpty() || result.baseline().isEmpty()) {
      return Optional.empty();
    }
    double allowed = recipe.gate().get().maxPerplexityRatio();
    double found = result.baseline().get().perplexityRatio();
    return Optional.of(
        found <= allowed
            ? PASSED
            : "perplexity ratio is %.4f, the gate of the recipe allows %.4f"
                .formatted(found, allowed));
  }

  private static RunSummary summary(
      RunSummary before, EvaluationResult result, Optional<String> verdict) {
    var baseline = result.baseline();
    return before.withEvaluation(
        baseline.map(EvaluationResult.AgainstBaseline::perplexity).orElse(null),
        result.perplexity(),
        baseline.map(EvaluationResult.AgainstBaseline::perplexityRatio).orElse(null),
        baseline.map(EvaluationResult.AgainstBaseline::klDivergence).orElse(null),
        new RunSummary.Evaluated(
            result.protocol().key(), result.datasetFingerprint(), result.tokens()),
        verdict.orElse(null));
  }

  private static List<EvalMetrics> rows(RunKey key, EvaluationResult result, long wallMillis) {
    List<EvalMetrics> rows = new ArrayList<>();
    double baseline =
        result.baseline().map(EvaluationResult.AgainstBaseline::perplexity).orElse(Double.NaN);
    rows.add(row(key, result, "perplexity", result.perplexity(), baseline, wallMillis));
    result
        .baseline()
        .map(EvaluationResult.AgainstBaseline::klDivergence)
        .ifPresent(kl -> rows.add(row(key, result, "kl_divergence", kl, Double.NaN, wallMillis)));
    return rows;
  }

  private static EvalMetrics row(
      RunKey key,
      EvaluationResult result,
      String metric,
      double value,
      double baseline,
      long wallMillis) {
    return new EvalMetrics(
        key,
        "compressed",
        "perplexity",
        "1",
        result.protocol().key(),
        result.datasetFingerprint(),
        "",
        "none",
        metric,
        "first",
        false,
        value,
        Double.NaN,
        baseline,
        value - baseline,
        100 * (value - baseline) / baseline,
        0,
        result.sequenceLength(),
        result.sequences(),
        result.tokens(),
        0,
        wallMillis);
  }
}
