package io.tritmill.jobs;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/** The local file system under another scheme, with no room for files of some names. */
public final class FullDisk extends RawLocalFileSystem {
  /** One of the schemes that paths may have, though no such store is near. */
  private static final String SCHEME = "viewfs";

  private static final String NAMES = "tritmill.test.full";

  /** A configuration that knows it; there is no room for anything. */
  public static Configuration configuration() {
    Configuration configuration = new Configuration();
    configure(configuration, ".*");
    return configuration;
  }

  /**
   * Makes a configuration know it.
   *
   * @param names pattern of the names of files for which there is no room
   */
  public static void configure(Configuration configuration, String names) {
    configuration.set(NAMES, names);
    configuration.set("fs.%s.impl".formatted(SCHEME), FullDisk.class.getName());
    configuration.setBoolean("fs.%s.impl.disable.cache".formatted(SCHEME), true);
  }

  /** Makes a configuration forget it. */
  public static void forget(Configuration configuration) {
    configuration.unset("fs.%s.impl".formatted(SCHEME));
    configuration.unset("fs.%s.impl.disable.cache".formatted(SCHEME));
    configuration.unset(NAMES);
  }

  /** A local path on it. */
  public static org.apache.hadoop.fs.Path path(Path local) {
    return new org.apache.hadoop.fs.Path(SCHEME, null, local.toString());
  }

  @Override
  public URI getUri() {
    return URI.create(SCHEME + ":///");
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FSDataOutputStream create(
      org.apache.hadoop.fs.Path path,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    return limited(
        path,
        super.create(path, permission, overwrite, bufferSize, replication, blockSize, progress));
  }

  @Override
  public FSDataOutputStream create(
      org.apache.hadoop.fs.Path path,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    return limited(
        path, super.create(path, overwrite, bufferSize, replication, blockSize, progress));
  }

  private FSDataOutputStream limited(org.apache.hadoop.fs.Path path, FSDataOutputStream stream)
      throws IOException {
    return path.getName().matches(getConf().get(NAMES))
        ? new FSDataOutputStream(new Full(stream), null)
        : stream;
  }

  @Override
  public FileStatus getFileStatus(org.apache.hadoop.fs.Path path) throws IOException {
    FileStatus status = super.getFileStatus(path);
    status.setPath(path(Path.of(path.toUri().getPath())));
    return status;
  }

  private static final class Full extends OutputStream {
    private final OutputStream stream;

    Full(OutputStream stream) {
      this.stream = stream;
    }

    @Override
    public void write(int value) throws IOException {
      throw new IOException("No space left on device");
    }

    @Override
    public void close() throws IOException {
      stream.close();
    }
  }
}
