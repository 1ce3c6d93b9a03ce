package io.tritmill.jobs.gate;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.run.Place;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.run.RunSummary;
import io.tritmill.jobs.run.SealedRun;
import io.tritmill.jobs.storage.Storage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * The run that another one must not fall behind.
 *
 * @param place what the user named: the run itself, or a folder of runs
 * @param uri of the run; empty when the folder holds no accepted run yet
 * @param summary what it reached; null when there is none
 * @param tolerance by how much a number may be worse, as a share of the accepted one
 */
public record AcceptedRun(String place, String uri, RunSummary summary, double tolerance) {
  /**
   * The run at a place or, where that is a folder of runs, the newest there whose gate was passed.
   * The run that is judged is none of them. A folder that is empty has none, and one that holds no
   * run but the one that is judged, which may be about to be written.
   *
   * @throws BadInputException if the place is anything else, a run that is not complete or did not
   *     pass its gate, or if one that counts was changed
   */
  public static AcceptedRun find(
      Storage storage, Path place, RunDirectory judged, double tolerance) {
    return switch (Place.of(storage, place)) {
      case COMPLETE_RUN -> of(storage, place, accepted(storage, RunDirectory.at(place)), tolerance);
      case RUNS ->
          newest(storage, place, judged)
              .map(run -> of(storage, place, run, tolerance))
              .orElseGet(() -> none(place, tolerance));
      case EMPTY -> none(place, tolerance);
      case Place other -> {
        if (judged.uri().startsWith(place + "/")
            && (other == Place.NOTHING || other == Place.FOLDER)) {
          yield none(place, tolerance);
        }
        throw BadInputException.broken(
            "%s: %s to compare with, or a folder of runs", place, other.insteadOfRun());
      }
    };
  }

  private static AcceptedRun of(Storage storage, Path place, RunDirectory run, double tolerance) {
    RunSummary summary = SealedRun.open(storage, run).summary();
    return new AcceptedRun(place.toString(), run.uri(), summary, tolerance);
  }

  private static AcceptedRun none(Path place, double tolerance) {
    return new AcceptedRun(place.toString(), "", null, tolerance);
  }

  /** Whether there is a run to compare with. */
  boolean present() {
    return summary != null;
  }

  private static RunDirectory accepted(Storage storage, RunDirectory run) {
    RunGate.read(storage, run)
        .filter(verdict -> verdict.outcome() != Outcome.PASSED)
        .ifPresent(
            verdict -> {
              throw BadInputException.usage(
                  "%s: has not passed its own gate (%s); name a run that has",
                  run.path(), verdict.reason());
            });
    return run;
  }

  private static Optional<RunDirectory> newest(Storage storage, Path folder, RunDirectory judged) {
    List<FileStatus> verdicts = new ArrayList<>();
    for (FileStatus inside : storage.list(folder)) {
      RunDirectory run = RunDirectory.at(inside.getPath());
      if (!inside.isDirectory()
          || run.uri().equals(judged.uri())
          || !storage.exists(run.success())) {
        continue;
      }
      // A verdict that nobody vouches for must not decide which run counts.
      SealedRun.open(storage, run);
      if (RunGate.read(storage, run).stream().anyMatch(v -> v.outcome() == Outcome.PASSED)) {
        verdicts.add(storage.status(run.gate()));
      }
    }
    // Names settle a tie, so that the answer does not depend on the order of a listing.
    return verdicts.stream()
        .max(
            Comparator.comparingLong(FileStatus::getModificationTime)
                .thenComparing(status -> status.getPath().toString()))
        .map(status -> RunDirectory.at(status.getPath().getParent()));
  }
}
