package io.tritmill.jobs.storage;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.hub.HubFileSystem;
import java.io.Externalizable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.ObjectInput;
import java.io.ObjectOutput;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.functional.FutureIO;

/**
 * Every file that Tritmill touches, on disk, HDFS or S3, through one door.
 *
 * <p>Serializable, so that executors see the file systems of the driver. A missing file is a {@link
 * BadInputException}; any other failure of a file system is an {@link UncheckedIOException}.
 */
public final class Storage implements Externalizable {
  private static final long serialVersionUID = 1L;
  private static final String READ_POLICY = "fs.option.openfile.read.policy";
  private static final String RANDOM_ACCESS = "random";

  private transient Configuration configuration;

  /** For deserialization only. */
  public Storage() {}

  public Storage(Configuration configuration) {
    HubFileSystem.register(configuration);
    this.configuration = configuration;
  }

  /**
   * A path as a user writes it: a URI with one of the known schemes, or a local path. One of the
   * Hub becomes that of the commit that its revision is now, so that the whole run, on every
   * machine, reads this commit, and its reports name it.
   *
   * @throws BadInputException if it is none
   */
  public Path path(String text) {
    Path path = UserPath.of(text);
    if (!Schemes.isReadOnly(path)) {
      return path;
    }
    try {
      return fileSystem(path).resolvePath(path);
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /**
   * The same of a path that is written to.
   *
   * @throws BadInputException if it is none, or lies where nothing can be written
   */
  public Path outputPath(String text) {
    Path path = UserPath.of(text);
    if (Schemes.isReadOnly(path)) {
      throw HubFileSystem.readOnly(path);
    }
    return path;
  }

  /** The file system that a path lies on. */
  public FileSystem fileSystem(Path path) {
    try {
      FileSystem fileSystem = path.getFileSystem(configuration);
      // Checksums of our own cover every file; side files would be left out of the manifest.
      fileSystem.setWriteChecksum(false);
      return fileSystem;
    } catch (IOException e) {
      throw Schemes.refused(path, e);
    } catch (RuntimeException e) {
      // Classes that are missing and hosts without an address, among others.
      throw Schemes.refused(path, e);
    }
  }

  /** Hadoop cannot name the side file of one with a colon in its name, and there is none. */
  private FileSystem reading(Path path) {
    FileSystem fileSystem = fileSystem(path);
    return fileSystem instanceof LocalFileSystem local && path.getName().indexOf(':') >= 0
        ? local.getRawFileSystem()
        : fileSystem;
  }

  private static UncheckedIOException failed(Path path, IOException cause) {
    return new UncheckedIOException(path.toString(), cause);
  }

  /** What is known of a file or directory. */
  public FileStatus status(Path path) {
    try {
      return fileSystem(path).getFileStatus(path);
    } catch (FileNotFoundException e) {
      throw BadInputException.broken("%s: no such file or directory", path);
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /** Whether there is anything at a path. */
  public boolean exists(Path path) {
    try {
      return fileSystem(path).exists(path);
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /** The files and directories in a directory, by name. */
  public List<FileStatus> list(Path directory) {
    try {
      List<FileStatus> found =
          new ArrayList<>(List.of(fileSystem(directory).listStatus(directory)));
      found.sort(Comparator.comparing(status -> status.getPath().getName()));
      return found;
    } catch (FileNotFoundException e) {
      throw BadInputException.broken("%s: no such directory", directory);
    } catch (IOException e) {
      throw failed(directory, e);
    }
  }

  /** Opens a file for reading, at any position. */
  public FSDataInputStream open(Path path) {
    try {
      return reading(path).open(path);
    } catch (FileNotFoundException e) {
      throw BadInputException.broken("%s: no such file", path);
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /**
   * Opens a file of which byte ranges are read: an object store then fetches these alone, instead
   * of everything from the first of them on.
   */
  public FSDataInputStream openRanges(Path path) {
    try {
      return FutureIO.awaitFuture(
          reading(path).openFile(path).opt(READ_POLICY, RANDOM_ACCESS).build());
    } catch (FileNotFoundException e) {
      throw BadInputException.broken("%s: no such file", path);
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /**
   * Reads a small file whole.
   *
   * @param limit bytes that it may have
   */
  public byte[] read(Path path, int limit) {
    long length = status(path).getLen();
    if (length > limit) {
      throw BadInputException.broken("%s: has %d bytes, expected at most %d", path, length, limit);
    }
    try (FSDataInputStream in = open(path)) {
      return in.readNBytes((int) length);
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /** Creates or replaces a file; the caller closes it, and it counts only once closed. */
  public FSDataOutputStream create(Path path) {
    try {
      return fileSystem(path) instanceof LocalFileSystem local
          ? new FSDataOutputStream(LocalFiles.create(local, path, false), null)
          : fileSystem(path).create(path, true);
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /**
   * Writes a small file whole unless there is one.
   *
   * <p>Two writers at the same moment may both be told that theirs is new, where a store cannot
   * tell: ask afterwards which content stayed.
   *
   * @return whether there was none
   */
  public boolean createNew(Path path, byte[] content) {
    if (exists(path)) {
      return false;
    }
    try (OutputStream out =
        fileSystem(path) instanceof LocalFileSystem local
            ? LocalFiles.create(local, path, true)
            : fileSystem(path).create(path, false)) {
      out.write(content);
      return true;
    } catch (FileAlreadyExistsException | java.nio.file.FileAlreadyExistsException e) {
      return false;
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /** Writes a small file whole. */
  public void write(Path path, byte[] content) {
    try (FSDataOutputStream out = create(path)) {
      out.write(content);
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /**
   * Writes a small file so that it is there whole or not at all, whatever dies; replaces an older
   * one.
   */
  public void publish(Path path, byte[] content) {
    try (Publication publication = publication(path, "publish")) {
      publication.stream().write(content);
      publication.commit();
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /**
   * Begins a file that appears at {@code path} only when it is committed.
   *
   * @param attempt distinguishes writers of the same path that may be alive at the same time
   */
  public Publication publication(Path path, String attempt) throws IOException {
    return publication(path, path.getParent(), attempt);
  }

  /**
   * The same with the unfinished file in a directory of its own, which whoever owns it deletes: a
   * writer that is killed leaves its file there.
   *
   * @param drafts on the file system of the path
   */
  public Publication publication(Path path, Path drafts, String attempt) throws IOException {
    return new Publication(fileSystem(path), path, drafts, attempt);
  }

  /** Deletes a file, or a directory with all that is in it, if it is there. */
  public void delete(Path path) {
    try {
      fileSystem(path).delete(path, true);
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /** Settings as strings: Hadoop's own form compresses each of a thousand by itself. */
  @Override
  public void writeExternal(ObjectOutput out) throws IOException {
    Map<String, String> settings = new HashMap<>();
    configuration.forEach(setting -> settings.put(setting.getKey(), setting.getValue()));
    out.writeObject(settings);
  }

  @Override
  public void readExternal(ObjectInput in) throws IOException, ClassNotFoundException {
    configuration = new Configuration(false);
    ((Map<?, ?>) in.readObject())
        .forEach((name, value) -> configuration.set((String) name, (String) value));
  }
}
