package io.tritmill.jobs.storage;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Set;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A file in the making, visible under its name only once it is complete.
 *
 * <p>File systems with an atomic rename get a hidden file of their own attempt, renamed at the end.
 * Object stores, where a rename copies, show an object only when its upload is finished, so they
 * are written in place. Closed without a commit, nothing appears under the name on the former, and
 * on the latter whatever the store makes of an abandoned upload.
 */
public final class Publication implements Closeable {
  private static final Set<String> OBJECT_STORES = Set.of("s3a", "gs");

  private final FileSystem fileSystem;
  private final Path path;
  private final Path written;
  private final OutputStream stream;
  private boolean closed;

  /**
   * @param drafts directory for the file until it is committed, on the same file system
   */
  Publication(FileSystem fileSystem, Path path, Path drafts, String attempt) throws IOException {
    this.fileSystem = fileSystem;
    this.path = path;
    this.written =
        OBJECT_STORES.contains(fileSystem.getScheme())
            ? path
            : new Path(drafts, "." + path.getName() + "." + attempt);
    this.stream = create(fileSystem, written);
  }

  private static OutputStream create(FileSystem fileSystem, Path path) throws IOException {
    return fileSystem instanceof LocalFileSystem local
        ? LocalFiles.create(local, path, false)
        : fileSystem.create(path, true);
  }

  /** Where the content goes. */
  public OutputStream stream() {
    return stream;
  }

  /** Finishes the file and shows it; an older one of that name is replaced. */
  public void commit() throws IOException {
    stream.close();
    if (!written.getParent().equals(path.getParent())) {
      LocalFiles.directories(fileSystem, path.getParent());
    }
    if (!written.equals(path) && !fileSystem.rename(written, path)) {
      fileSystem.delete(path, false);
      if (!fileSystem.rename(written, path)) {
        throw new IOException("Cannot rename %s to %s".formatted(written, path));
      }
    }
    closed = true;
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      try {
        stream.close();
      } finally {
        fileSystem.delete(written, false);
      }
    }
  }
}
