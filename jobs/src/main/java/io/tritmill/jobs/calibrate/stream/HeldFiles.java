package io.tritmill.jobs.calibrate.stream;

import io.tritmill.jobs.storage.Storage;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/**
 * Files that several wait for, such as sums and the streams' next step: deleted when the last of
 * them lets go.
 */
public final class HeldFiles {
  private final Storage storage;
  private final Map<String, Integer> holders = new HashMap<>();

  public HeldFiles(Storage storage) {
    this.storage = storage;
  }

  /** Keeps files until they are let go as often as they are held. */
  public synchronized void hold(Collection<String> files) {
    files.forEach(file -> holders.merge(file, 1, Integer::sum));
  }

  /** Lets go of files, and deletes those that nobody else holds. */
  public void letGo(Collection<String> files) {
    for (String file : files) {
      if (isFree(file)) {
        storage.delete(new Path(file));
      }
    }
  }

  private synchronized boolean isFree(String file) {
    return holders.computeIfPresent(file, (held, count) -> count == 1 ? null : count - 1) == null;
  }
}
