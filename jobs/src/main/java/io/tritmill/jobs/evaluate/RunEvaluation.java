package io.tritmill.jobs.evaluate;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.gate.AcceptedRun;
import io.tritmill.jobs.gate.RunGate;
import io.tritmill.jobs.gate.Verdict;
import io.tritmill.jobs.report.EvalMetrics;
import io.tritmill.jobs.report.ReportTable;
import io.tritmill.jobs.report.Reports;
import io.tritmill.jobs.report.RunKey;
import io.tritmill.jobs.run.Manifest;
import io.tritmill.jobs.run.Place;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.run.RunLock;
import io.tritmill.jobs.run.RunSummary;
import io.tritmill.jobs.run.SealedRun;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.verify.Verifier;
import java.io.UncheckedIOException;
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
  /** Parts of the table, each replaced alone. */
  private static final int PERPLEXITY = 0;

  private static final int TASKS = 1;

  private final SparkSession session;
  private final Storage storage;

  public RunEvaluation(SparkSession session, Storage storage) {
    this.session = session;
    this.storage = storage;
  }

  /**
   * Looks at a run before it is measured: it must be complete, what is measured must be what the
   * manifest vouches for, and nobody else may be at work there.
   *
   * @return the run's lock, which the caller closes; empty where this process may not write there
   * @throws BadInputException if the run is not complete, was changed, or is in use
   */
  public Optional<RunLock> begin(RunDirectory run) {
    Place.requireEvaluable(storage, run);
    Optional<RunLock> lock = lock(run);
    try {
      SealedRun sealed = SealedRun.open(storage, run);
      new Verifier(session, storage).requireFiles(run, sealed.manifest().beforeEvaluation(run));
      return lock;
    } catch (RuntimeException e) {
      lock.ifPresent(RunLock::close);
      throw e;
    }
  }

  private Optional<RunLock> lock(RunDirectory run) {
    try {
      String application = session.sparkContext().applicationId();
      return Optional.of(RunLock.acquire(storage, run, application, System.err::println));
    } catch (UncheckedIOException e) {
      System.err.println(
          "warning: %s: cannot be written (%s); what is measured is printed, and recorded nowhere"
              .formatted(run.path(), e.getCause().getMessage()));
      return Optional.empty();
    }
  }

  /**
   * Records a result.
   *
   * @param wallMillis time that it took
   * @param accepted a run that this one must not fall behind
   * @return what the gate says; empty when nothing is asked of the run
   */
  public Optional<Verdict> record(
      RunDirectory run, EvaluationResult result, long wallMillis, Optional<AcceptedRun> accepted) {
    String application = session.sparkContext().applicationId();
    try (RunLock lock = RunLock.acquire(storage, run, application, System.err::println)) {
      return record(run, result, wallMillis, accepted, lock);
    }
  }

  /**
   * Records a result under a lock that is held already.
   *
   * @param lock what {@link #begin} gave
   */
  public Optional<Verdict> record(
      RunDirectory run,
      EvaluationResult result,
      long wallMillis,
      Optional<AcceptedRun> accepted,
      RunLock lock) {
    SealedRun sealed = SealedRun.open(storage, run);
    RunKey key = key(run, sealed);
    RunSummary before = sealed.summary();
    RunGate gate = new RunGate(storage, run, accepted);
    sealed.unseal();
    Reports.writePart(
        storage, run.reports(), ReportTable.EVAL, PERPLEXITY, rows(key, result, wallMillis));
    Optional<Verdict> verdict = gate.enter(summary(before, result), gate.recipe());
    lock.require();
    sealed.seal();
    return verdict;
  }

  /**
   * Records what was answered to tasks, in the place of earlier answers; perplexities stay.
   *
   * @param lock what {@link #begin} gave
   */
  public void record(RunDirectory run, List<AskedTask> tasks, RunLock lock) {
    SealedRun sealed = SealedRun.open(storage, run);
    List<EvalMetrics> rows = TaskRows.of(key(run, sealed), tasks);
    sealed.unseal();
    Reports.writePart(storage, run.reports(), ReportTable.EVAL, TASKS, rows);
    lock.require();
    sealed.seal();
  }

  private static RunKey key(RunDirectory run, SealedRun sealed) {
    Manifest manifest = sealed.manifest();
    return new RunKey(
        run.runId(), sealed.summary().recipeSha256(), manifest.model(), manifest.modelSha256());
  }

  private static RunSummary summary(RunSummary before, EvaluationResult result) {
    var baseline = result.baseline();
    return before.withEvaluation(
        baseline.map(EvaluationResult.AgainstBaseline::perplexity).orElse(null),
        result.perplexity(),
        baseline.map(EvaluationResult.AgainstBaseline::perplexityRatio).orElse(null),
        baseline.map(EvaluationResult.AgainstBaseline::klDivergence).orElse(null),
        new RunSummary.Evaluated(
            result.protocol().key(), result.datasetFingerprint(), result.tokens()));
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
        Optional.empty(),
        result.sequenceLength(),
        result.sequences(),
        result.tokens(),
        Optional.empty(),
        wallMillis);
  }
}
