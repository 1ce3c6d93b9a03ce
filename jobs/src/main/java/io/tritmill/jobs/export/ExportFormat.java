package io.tritmill.jobs.export;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.storage.Storage;
import org.apache.hadoop.fs.Path;

/** A kind of file that other programs open. */
interface ExportFormat {
  /** What the command line calls it. */
  String name();

  /**
   * Requires that it can hold a model of the kind at all, before any work is done.
   *
   * @param source what a run is to be made of
   * @throws BadInputException if it cannot
   */
  default void requireModel(Storage storage, Checkpoint source) {}

  /** What other programs open of an export to a place. */
  default Path opened(Path output, RunDirectory run) {
    return output;
  }

  /** The file that is written last into a folder. */
  String lastFile();

  /**
   * Settles what becomes of every matrix, and writes nothing.
   *
   * @throws BadInputException if the format cannot hold the model
   */
  SettledExport settle(Storage storage, RunDirectory run, PackedRun model, Path output);
}
