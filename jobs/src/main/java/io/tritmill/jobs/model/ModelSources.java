package io.tritmill.jobs.model;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.format.PackedMetadata;
import io.tritmill.jobs.storage.Storage;
import org.apache.hadoop.fs.Path;

/** Opens a model whatever it is: a checkpoint, or a packed model. */
public final class ModelSources {
  private ModelSources() {}

  /**
   * Opens the model in a directory.
   *
   * @throws BadInputException if there is none that can be run
   */
  public static ModelSource open(Storage storage, Path directory) {
    return of(storage, Checkpoint.open(storage, directory));
  }

  /**
   * The model that an open checkpoint holds.
   *
   * @throws BadInputException if it cannot be run
   */
  public static ModelSource of(Storage storage, Checkpoint checkpoint) {
    for (String file : checkpoint.files()) {
      if (PackedMetadata.isPacked(checkpoint.metadata(file))) {
        return PackedSource.open(storage, checkpoint);
      }
    }
    checkpoint.check();
    return new CheckpointSource(storage, checkpoint);
  }
}
