package io.tritmill.jobs.storage;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Reason;
import io.tritmill.jobs.hub.HubFileSystem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;

/** The file systems that paths may name, and what each of them needs. */
final class Schemes {
  static final Set<String> KNOWN =
      Set.of("file", "hdfs", "s3a", "abfs", "abfss", "gs", "viewfs", HubFileSystem.SCHEME);

  /** Those of which a path without a name after the two slashes means nothing. */
  static final Set<String> NEED_A_STORE =
      Set.of("s3a", "abfs", "abfss", "gs", HubFileSystem.SCHEME);

  private static final Map<String, String> JARS =
      Map.of(
          "s3a", "hadoop-aws",
          "abfs", "hadoop-azure",
          "abfss", "hadoop-azure",
          "gs", "hadoop-gcp or gcs-connector",
          "hdfs", "hadoop-client");

  private Schemes() {}

  /** Whether nothing can be written there. */
  static boolean isReadOnly(Path path) {
    return HubFileSystem.SCHEME.equals(path.toUri().getScheme());
  }

  /** What to throw where the file system of a path cannot be had. */
  static RuntimeException refused(Path path, Exception failure) {
    if (failure instanceof BadInputException known) {
      return known;
    }
    String scheme = path.toUri().getScheme();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnsupportedFileSystemException
          || cause instanceof ClassNotFoundException) {
        return BadInputException.unsupported(
            "%s: %s needs %s on the class path; add its jars with TRITMILL_CLASSPATH, or with"
                + " --packages or --jars under spark-submit",
            path, scheme, JARS.getOrDefault(scheme, "a library of its own"));
      }
      if (cause instanceof UnknownHostException) {
        return BadInputException.broken(
            "%s: the host %s is not known here; check the address, and this machine's DNS",
            path, path.toUri().getHost());
      }
      if (cause instanceof IOException && String.valueOf(cause.getMessage()).contains("no host")) {
        return BadInputException.usage(
            "%s: names no host, and no fs.defaultFS is set; write %s://HOST/PATH", path, scheme);
      }
      if (String.valueOf(cause.getMessage()).contains("ount table")) {
        return BadInputException.unsupported(
            "%s: viewfs needs a mount table; set fs.viewfs.mounttable.%s.link.PATH, as the"
                + " core-site.xml of the cluster does",
            path, path.toUri().getAuthority());
      }
    }
    return failure instanceof IOException io
        ? new UncheckedIOException(path.toString(), io)
        : BadInputException.broken(
            "%s: its file system cannot be opened (%s); check the address and the settings of %s",
            path, Reason.of(failure), scheme);
  }
}
