package io.tritmill.jobs.run;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tritmill.jobs.storage.Json;
import org.apache.hadoop.fs.Path;

/** A lock that another application has left, for tests of other packages. */
public final class LeftLock {
  private LeftLock() {}

  /** Sound content of a lock. */
  public static byte[] sound() {
    return Json.document(LockHolder.here("app-1"));
  }

  /** Asks what whoever wants the lock asks. */
  public static void read(Path file, byte[] content) {
    LockHolder holder = Json.read(file.toString(), content, new TypeReference<LockHolder>() {});
    if (holder.isOfThisMachine() && !holder.isAlive() && holder.inWords().isEmpty()) {
      throw new IllegalStateException("a holder without words");
    }
  }
}
