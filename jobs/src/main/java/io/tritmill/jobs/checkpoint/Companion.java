package io.tritmill.jobs.checkpoint;

import io.tritmill.jobs.storage.Storage;
import java.io.Serializable;
import org.apache.hadoop.fs.Path;

/** A file that belongs beside the weights of any model made from a checkpoint. */
public interface Companion extends Serializable {
  /** Its name there. */
  String name();

  /** Its content. */
  byte[] read(Storage storage);

  /** One that lies beside the weights already. */
  record Stored(Path file) implements Companion {
    private static final long serialVersionUID = 1L;
    private static final int MOST_BYTES = 1 << 28;

    @Override
    public String name() {
      return file.getName();
    }

    @Override
    public byte[] read(Storage storage) {
      return storage.read(file, MOST_BYTES);
    }
  }
}
