package io.tritmill.jobs.command;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.gate.GateCheck;
import io.tritmill.jobs.gate.Outcome;
import io.tritmill.jobs.gate.RunGate;
import io.tritmill.jobs.gate.Verdict;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.spark.SparkSessions;
import io.tritmill.jobs.storage.Storage;
import java.util.List;
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
  private static final Verdict NOTHING_ASKED =
      new Verdict(Outcome.PASSED, "nothing is asked of this run", null, null, List.of());

  @Spec private CommandSpec spec;
  @Mixin private GateOptions gate;
  @Mixin private FormatOption format;

  @Parameters(paramLabel = "RUN", description = "Run directory.")
  private String run;

  @Override
  public Integer call() {
    Storage storage = SparkSessions.storage();
    RunDirectory directory = RunDirectory.at(storage.path(run));
    Optional<Verdict> verdict =
        new RunGate(storage, directory, gate.accepted(storage, directory)).renew("tritmill gate");
    Verdict said = verdict.orElse(NOTHING_ASKED);
    format.print(spec.commandLine().getOut(), said, text(said));
    gate.require(directory, verdict);
    if (said.outcome() == Outcome.OPEN && gate.now()) {
      throw new BadInputException(
          ExitCode.GATE_FAILED, "%s: %s".formatted(directory.path(), said.reason()));
    }
    return Tritmill.ok();
  }

  private static String text(Verdict verdict) {
    Table table = new Table("number", "asked by", "found", "at most", "outcome");
    for (GateCheck check : verdict.checks()) {
      table.row(
          check.metric(),
          check.asked(),
          number(check.found()),
          number(check.limit()),
          check.outcome().name().toLowerCase(Locale.ROOT));
    }
    return table
        + "%n%s: %s%n"
            .formatted(verdict.outcome().name().toLowerCase(Locale.ROOT), verdict.reason());
  }

  private static String number(Double value) {
    return value == null ? "" : "%.6g".formatted(value);
  }
}
