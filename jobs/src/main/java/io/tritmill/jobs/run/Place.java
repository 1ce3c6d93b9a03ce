package io.tritmill.jobs.run;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/** What a path is to a command that wants a run. */
public enum Place {
  /** There is nothing. */
  NOTHING,
  /** A file. */
  FILE,
  /** A run that is complete. */
  COMPLETE_RUN,
  /** A run that was complete, and that an evaluation or a gate has not finished changing. */
  INTERRUPTED_RUN,
  /** A run that compressing has not finished. */
  UNFINISHED_RUN,
  /** A checkpoint or a packed model. */
  MODEL,
  /** A folder of runs. */
  RUNS,
  /** A folder with nothing in it that counts. */
  EMPTY,
  /** Any other folder. */
  FOLDER;

  /** Looks at a path. */
  public static Place of(Storage storage, Path path) {
    if (!storage.exists(path)) {
      return NOTHING;
    }
    if (!storage.status(path).isDirectory()) {
      return FILE;
    }
    RunDirectory run = RunDirectory.at(path);
    if (storage.exists(run.plan())) {
      return storage.exists(run.success())
          ? COMPLETE_RUN
          : storage.exists(run.manifest()) ? INTERRUPTED_RUN : UNFINISHED_RUN;
    }
    List<FileStatus> inside =
        storage.list(path).stream()
            .filter(one -> !one.getPath().getName().matches("[._].*"))
            .toList();
    if (inside.isEmpty()) {
      // Without its plan a run is none that could be finished, but its mark says what it was.
      return storage.exists(run.success()) ? FOLDER : EMPTY;
    }
    if (inside.stream().anyMatch(Place::isOfModel)) {
      return MODEL;
    }
    return inside.stream()
            .anyMatch(
                one -> one.isDirectory() && storage.exists(RunDirectory.at(one.getPath()).plan()))
        ? RUNS
        : FOLDER;
  }

  private static boolean isOfModel(FileStatus file) {
    return file.getPath().getName().matches("config\\.json|.*\\.safetensors");
  }

  /**
   * Requires that this process may write to the directory of a run, by writing there: on a store
   * nothing else tells. Hidden, so that one that is left behind is no file of a run.
   *
   * @throws java.io.UncheckedIOException if the file system refuses
   */
  public static void requireWritable(Storage storage, RunDirectory run) {
    Path probe = new Path(run.path(), ".writable-" + ProcessHandle.current().pid());
    storage.write(probe, new byte[0]);
    storage.delete(probe);
  }

  /**
   * Requires a run that is complete.
   *
   * @throws BadInputException that says what stands there instead
   */
  public static void requireComplete(Storage storage, RunDirectory run) {
    Place found = of(storage, run.path());
    if (found != COMPLETE_RUN) {
      throw BadInputException.broken("%s: %s", run.path(), found.insteadOfRun());
    }
  }

  /**
   * Requires a run that is complete but for what an evaluation changes.
   *
   * @throws BadInputException that says what stands there instead
   */
  public static void requireEvaluable(Storage storage, RunDirectory run) {
    if (of(storage, run.path()) != INTERRUPTED_RUN) {
      requireComplete(storage, run);
    }
  }

  /** What it is that is no complete run, and what to do. */
  public String insteadOfRun() {
    return switch (this) {
      case NOTHING -> "no such file or directory, expected a run directory";
      case FILE -> "is a file, expected a run directory";
      case COMPLETE_RUN -> "is a complete run";
      case INTERRUPTED_RUN ->
          "is no complete run (no _SUCCESS): an evaluation or a gate was cut short, or is under"
              + " way; evaluate again, or start the compress command that began it again";
      case UNFINISHED_RUN ->
          "is no complete run (no _SUCCESS); finish it with the compress command that began it";
      case MODEL -> "is a model, expected the directory of a run that compress has written";
      case RUNS -> "is a folder of runs, expected one of them";
      case EMPTY -> "is an empty folder, expected a run directory";
      case FOLDER -> "is no run directory (no plan.json)";
    };
  }
}
