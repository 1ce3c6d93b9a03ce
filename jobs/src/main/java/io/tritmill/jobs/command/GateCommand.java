package io.tritmill.jobs.command;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.gate.GateCheck;
import io.tritmill.jobs.gate.Outcome;
import io.tritmill.jobs.gate.RunGate;
import io.tritmill.jobs.gate.Verdict;
import io.tritmill.jobs.run.Place;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.spark.SparkSessions;
import io.tritmill.jobs.storage.Storage;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Decides whether a complete run is accepted, from what its summary holds: nothing is measured
 * again. What is still open counts as not passed.
 *
 * <pre>tritmill gate ./runs/llama-ptqtp --accepted ./runs --tolerance 0.02</pre>
 */
@Command(
    name = "gate",
    description = "Decide whether a run is accepted, from what was measured of it.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example: tritmill gate ./runs/llama-ptqtp --accepted ./runs --tolerance 0.02",
      "The limits of the run's recipe count in any case."
    })
final class GateCommand implements Callable<Integer> {
  private static final Verdict NOTHING_ASKED = Verdict.nothingAsked();

  @Spec private CommandSpec spec;
  @Mixin private GateOptions gate;
  @Mixin private FormatOption format;

  @Parameters(paramLabel = "RUN", description = "Run directory.")
  private String run;

  @Override
  public Integer call() {
    Storage storage = SparkSessions.storage();
    RunDirectory directory = RunDirectory.at(storage.path(run));
    Place.requireComplete(storage, directory);
    RunGate runGate = new RunGate(storage, directory, gate.accepted(storage, directory));
    Optional<Verdict> verdict = runGate.decide();
    Verdict said = verdict.orElse(NOTHING_ASKED);
    format.print(spec.commandLine().getOut(), said, text(directory, said));
    record(runGate, directory);
    gate.require(directory, verdict);
    if (said.outcome() == Outcome.OPEN && gate.now()) {
      throw new BadInputException(
          ExitCode.GATE_FAILED, "%s: %s".formatted(directory.path(), said.reason()));
    }
    return Tritmill.ok();
  }

  /** Who may only read the run has the verdict all the same: the exit code is the verdict's. */
  private static void record(RunGate gate, RunDirectory run) {
    try {
      gate.renew("tritmill gate");
    } catch (UncheckedIOException e) {
      notRecorded(run, e.getCause());
    } catch (BadInputException e) {
      if (e.exitCode() != ExitCode.CONFLICT) {
        throw e;
      }
      notRecorded(run, e);
    }
  }

  private static void notRecorded(RunDirectory run, Exception reason) {
    System.err.println(
        "warning: %s: the verdict is not written into gate.json: %s"
            .formatted(run.path(), Printable.of(String.valueOf(reason.getMessage()), 1000)));
  }

  private static String text(RunDirectory run, Verdict verdict) {
    String said =
        "%s: %s: %s%n"
            .formatted(
                run.runId(),
                verdict.outcome().name().toLowerCase(Locale.ROOT),
                verdict.reason().equals(Verdict.PASSED)
                    ? "every number that was asked for is within its limit"
                    : verdict.reason());
    if (verdict.checks().isEmpty()) {
      return said;
    }
    Table table = new Table("number", "asked by", "found", "at most", "outcome");
    for (GateCheck check : verdict.checks()) {
      table.row(
          check.metric(),
          check.asked(),
          check.found() == null ? "not measured" : number(check.found()),
          check.limit() == null ? withoutLimit(check) : number(check.limit()),
          check.outcome().name().toLowerCase(Locale.ROOT));
    }
    return table + "%n%s".formatted(said);
  }

  private static String withoutLimit(GateCheck check) {
    return check.outcome() == Outcome.FAILED ? "not comparable" : "first run";
  }

  private static String number(double value) {
    return "%.6g".formatted(value);
  }
}
