package io.tritmill.jobs.plan;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.storage.Checksums;
import io.tritmill.jobs.storage.Storage;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * What tells one state of a checkpoint from another without reading its weights.
 *
 * @param files length and time of change of each file, by its URI
 */
public record ModelFingerprint(Map<String, String> files) {
  /** The fingerprint of a checkpoint as it is now. */
  public static ModelFingerprint of(Storage storage, Checkpoint checkpoint) {
    Map<String, String> files = new TreeMap<>();
    for (String file : checkpoint.files()) {
      FileStatus status = storage.status(new Path(file));
      files.put(file, status.getLen() + "@" + status.getModificationTime());
    }
    return new ModelFingerprint(files);
  }

  /** All of it as one checksum. */
  public String sha256() {
    return Checksums.sha256(files.toString().getBytes(StandardCharsets.UTF_8));
  }
}
