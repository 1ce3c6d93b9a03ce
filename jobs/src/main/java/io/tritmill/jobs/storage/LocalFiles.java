package io.tritmill.jobs.storage;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Files and directories on a local disk, made without Hadoop: it has a umask of its own, starts a
 * program for the mode of each file, and writes checksums beside those of the manifest.
 */
final class LocalFiles {
  private static final OpenOption[] ANY = {
    StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE
  };
  private static final OpenOption[] NEW = {StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE};

  private LocalFiles() {}

  /**
   * Creates a file, and the directories that it is in.
   *
   * @param onlyNew whether it must not be there yet
   * @throws java.nio.file.FileAlreadyExistsException if it is there, and must not be
   */
  static OutputStream create(LocalFileSystem local, Path path, boolean onlyNew) throws IOException {
    java.nio.file.Path file = local.pathToFile(path).toPath();
    try {
      Files.createDirectories(file.getParent());
      return new BufferedOutputStream(Files.newOutputStream(file, onlyNew ? NEW : ANY));
    } catch (AccessDeniedException e) {
      // The JDK's message is the name alone.
      throw new IOException(e.getFile() + " (Permission denied)", e);
    }
  }

  /** Makes a directory and all above it. */
  static void directories(FileSystem fileSystem, Path directory) throws IOException {
    if (fileSystem instanceof LocalFileSystem local) {
      Files.createDirectories(local.pathToFile(directory).toPath());
    } else {
      fileSystem.mkdirs(directory);
    }
  }
}
