package io.tritmill.jobs.gate;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.run.RunSummary;
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
   * The run that is judged is none of them. A folder that is empty, or not there yet, has none.
   *
   * @throws BadInputException if the place is a run that is not complete or did not pass its gate
   */
  public static AcceptedRun find(
      Storage storage, Path place, RunDirectory judged, double tolerance) {
    RunDirectory itself = RunDirectory.at(place);
    if (storage.exists(itself.plan())) {
      requireAccepted(storage, itself);
      return new AcceptedRun(
          place.toString(), itself.uri(), RunSummary.read(storage, itself), tolerance);
    }
    Optional<RunDirectory> newest = newest(storage, place, judged);
    return new AcceptedRun(
        place.toString(),
        newest.map(RunDirectory::uri).orElse(""),
        newest.map(run -> RunSummary.read(storage, run)).orElse(null),
        tolerance);
  }

  /** Whether there is a run to compare with. */
  boolean present() {
    return summary != null;
  }

  private static void requireAccepted(Storage storage, RunDirectory run) {
    if (!storage.exists(run.success())) {
      throw BadInputException.broken(
          "%s: is no complete run (no _SUCCESS), expected an accepted one to compare with",
          run.path());
    }
    RunGate.read(storage, run)
        .filter(verdict -> verdict.outcome() != Outcome.PASSED)
        .ifPresent(
            verdict -> {
              throw BadInputException.usage(
                  "%s: has not passed its own gate (%s); name a run that has",
                  run.path(), verdict.reason());
            });
  }

  private static Optional<RunDirectory> newest(Storage storage, Path folder, RunDirectory judged) {
    if (!storage.exists(folder)) {
      return Optional.empty();
    }
    List<FileStatus> verdicts = new ArrayList<>();
    for (FileStatus inside : storage.list(folder)) {
      RunDirectory run = RunDirectory.at(inside.getPath());
      if (inside.isDirectory()
          && !run.uri().equals(judged.uri())
          && storage.exists(run.success())
          && RunGate.read(storage, run).stream().anyMatch(v -> v.outcome() == Outcome.PASSED)) {
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
