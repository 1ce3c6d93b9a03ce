package io.tritmill.jobs.command;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.gate.AcceptedRun;
import io.tritmill.jobs.gate.Outcome;
import io.tritmill.jobs.gate.Verdict;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.storage.Storage;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What a run is held against beside its recipe, and whether that decides the exit code. */
final class GateOptions {
  private static final String TOLERANCE = "0.05";

  /** When the gate decides the exit code. */
  enum When {
    NOW,
    LATER
  }

  @Option(
      names = "--accepted",
      paramLabel = "RUN|DIR",
      description =
          "Run that this one must not fall behind; or a folder of runs, of which the newest that"
              + " passed its gate counts.")
  private String place;

  @Option(
      names = "--tolerance",
      paramLabel = "X",
      defaultValue = TOLERANCE,
      description =
          "How much worse than the accepted run a number may be, as a share of it (default: "
              + TOLERANCE
              + ").")
  private double tolerance;

  @Option(
      names = "--gate",
      paramLabel = "now|later",
      defaultValue = "now",
      description =
          "Exit with 5 where the gate fails, or only write down the verdict (default: now).")
  private When when;

  /** The accepted run, looked for before any work begins. */
  Optional<AcceptedRun> accepted(Storage storage, RunDirectory judged) {
    if (!(tolerance >= 0 && Double.isFinite(tolerance))) {
      throw BadInputException.usage(
          "--tolerance is %s, expected a share from 0 on; 0.05 allows five per cent", tolerance);
    }
    return Optional.ofNullable(place)
        .map(named -> AcceptedRun.find(storage, storage.path(named), judged, tolerance));
  }

  /** Refuses to compare what is no run. */
  void refuse(String model) {
    if (place != null) {
      throw BadInputException.usage(
          "%s: is no run, and --accepted compares runs; leave it out", model);
    }
  }

  /** Refuses to compare perplexities where none is measured. */
  void refuseWithoutData() {
    if (place != null) {
      throw BadInputException.usage(
          "--accepted compares perplexities, and none is measured without --dataset; give one");
    }
  }

  /** Whether the gate decides the exit code. */
  boolean now() {
    return when == When.NOW;
  }

  /** Fails where the gate did; tells what is still open. */
  void require(RunDirectory run, Optional<Verdict> verdict) {
    if (verdict.isEmpty() || verdict.get().outcome() == Outcome.PASSED) {
      return;
    }
    String sentence = "%s: %s".formatted(run.path(), verdict.get().reason());
    if (verdict.get().outcome() == Outcome.FAILED && now()) {
      throw new BadInputException(ExitCode.GATE_FAILED, sentence);
    }
    System.err.println("gate: " + sentence);
  }
}
