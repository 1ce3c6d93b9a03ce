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
    Checkpoint checkpoint = Checkpoint.open(storage, directory);
    for (String file : checkpoint.files()) {
      if (PackedMetadata.isPacked(checkpoint.metadata(file))) {
        return PackedSource.open(storage, checkpoint);
      }
    }
    checkpoint.check();
    return new CheckpointSource(storage, checkpoint);
  }
}
