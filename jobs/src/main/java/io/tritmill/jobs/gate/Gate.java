package io.tritmill.jobs.gate;

import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.jobs.run.RunSummary;
import io.tritmill.jobs.run.WorstLayers;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Holds a run's summary against the limits of its recipe and against an accepted run.
 *
 * <p>The recipe's limits are absolute and catch a slow decline that a comparison with the run
 * before would let pass; the comparison catches a fall within the limits. All numbers are better
 * when smaller.
 */
public final class Gate {
  private static final String RECIPE = "recipe";
  private static final String ACCEPTED = "accepted";
  private static final String MEASURE = "is not measured yet, run evaluate";
  private static final String MEASURE_BASELINE = MEASURE + " with --baseline";

  private final RunSummary summary;
  private final List<GateCheck> checks = new ArrayList<>();

  private Gate(RunSummary summary) {
    this.summary = summary;
  }

  /**
   * Decides.
   *
   * @param limits those of the recipe
   * @param accepted what to compare with
   * @return empty when nothing is asked of the run
   */
  public static Optional<Verdict> decide(
      RunSummary summary, Optional<Recipe.Gate> limits, Optional<AcceptedRun> accepted) {
    Gate gate = new Gate(summary);
    limits.ifPresent(gate::limits);
    accepted.ifPresent(gate::compare);
    if (gate.checks.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        Verdict.of(
            accepted.filter(AcceptedRun::present).map(AcceptedRun::uri).orElse(null),
            accepted.map(AcceptedRun::tolerance).orElse(null),
            List.copyOf(gate.checks)));
  }

  private void limits(Recipe.Gate limits) {
    WorstLayers worst = summary.worst();
    limit("perplexity_ratio", limits.maxPerplexityRatio(), summary.perplexityRatio(), "");
    limit("kl_divergence", limits.maxKlDivergence(), summary.klDivergence(), "");
    limit("output_error", limits.maxOutputError(), worst.outputError(), worst.outputLayer());
    limit("weight_error", limits.maxWeightError(), worst.weightError(), worst.weightLayer());
  }

  /**
   * @param layer where it was found; empty for a number of the whole model
   */
  private void limit(String metric, OptionalDouble allowed, Double found, String layer) {
    if (allowed.isEmpty()) {
      return;
    }
    double most = allowed.getAsDouble();
    if (found != null) {
      String what = layer.isEmpty() ? words(metric) : words(metric) + " of " + layer;
      String reason =
          "%s is %s, the gate of the recipe allows %s".formatted(what, shown(found), shown(most));
      add(metric, RECIPE, most, found, reason);
    } else if (layer != null) {
      checks.add(open(metric, RECIPE, most, MEASURE_BASELINE));
    } else {
      // Known when a run is compressed or never.
      String reason = words(metric) + " is unknown, no layer has one";
      checks.add(new GateCheck(metric, RECIPE, most, null, Outcome.FAILED, reason));
    }
  }

  private void compare(AcceptedRun accepted) {
    if (!accepted.present()) {
      checks.add(first(accepted));
      return;
    }
    RunSummary other = accepted.summary();
    if (other.recipeSha256().equals(summary.recipeSha256())) {
      WorstLayers ours = summary.worst();
      WorstLayers theirs = other.worst();
      compare(accepted, "output_error", theirs.outputError(), ours.outputError());
      compare(accepted, "weight_error", theirs.weightError(), ours.weightError());
    }
    if (summary.perplexity() != null && other.perplexity() != null && !sameData(other)) {
      String reason =
          "%s was measured on %s, the accepted run %s on %s, which cannot be compared; evaluate both alike"
              .formatted(summary.runId(), data(summary), other.runId(), data(other));
      checks.add(
          new GateCheck(
              "perplexity", ACCEPTED, null, summary.perplexity(), Outcome.FAILED, reason));
      return;
    }
    compare(accepted, "perplexity", other.perplexity(), summary.perplexity());
    compare(accepted, "perplexity_ratio", other.perplexityRatio(), summary.perplexityRatio());
    compare(accepted, "kl_divergence", other.klDivergence(), summary.klDivergence());
  }

  /** Nothing to compare with: the first run is accepted once it is measured. */
  private GateCheck first(AcceptedRun accepted) {
    if (summary.perplexity() == null) {
      return open("perplexity", ACCEPTED, null, MEASURE);
    }
    String reason = "no run in %s was accepted yet, this is the first".formatted(accepted.place());
    return new GateCheck(
        "perplexity", ACCEPTED, null, summary.perplexity(), Outcome.PASSED, reason);
  }

  private boolean sameData(RunSummary other) {
    return Objects.equals(summary.protocol(), other.protocol())
        && Objects.equals(summary.dataset(), other.dataset())
        && Objects.equals(summary.tokens(), other.tokens());
  }

  private static String data(RunSummary summary) {
    return "%,d tokens of data %s by protocol %s"
        .formatted(summary.tokens(), summary.dataset(), summary.protocol());
  }

  private void compare(AcceptedRun accepted, String metric, Double theirs, Double ours) {
    if (theirs == null) {
      return;
    }
    double most = theirs * (1 + accepted.tolerance());
    if (ours == null) {
      String how = metric.equals("perplexity") ? MEASURE : MEASURE_BASELINE;
      checks.add(open(metric, ACCEPTED, most, how));
      return;
    }
    String reason =
        "%s is %s, the accepted run %s has %s and at most %s is allowed"
            .formatted(
                words(metric), shown(ours), accepted.summary().runId(), shown(theirs), shown(most));
    add(metric, ACCEPTED, most, ours, reason);
  }

  private void add(String metric, String asked, double most, double found, String reason) {
    Outcome outcome = found <= most ? Outcome.PASSED : Outcome.FAILED;
    checks.add(new GateCheck(metric, asked, most, found, outcome, reason));
  }

  private static GateCheck open(String metric, String asked, Double most, String how) {
    String reason = words(metric) + " " + how;
    return new GateCheck(metric, asked, most, null, Outcome.OPEN, reason);
  }

  private static String words(String metric) {
    return metric.equals("kl_divergence") ? "KL divergence" : metric.replace('_', ' ');
  }

  /** Four decimals, or as many digits for what is small. */
  private static String shown(double value) {
    return Math.abs(value) >= 0.1 ? "%.4f".formatted(value) : "%.4g".formatted(value);
  }
}
