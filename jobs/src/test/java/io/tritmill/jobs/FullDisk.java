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

/**
 * The local file system under another scheme, with little room: a file takes no more than {@link
 * #ROOM} bytes.
 */
public final class FullDisk extends RawLocalFileSystem {
  /** Bytes that a file may have. */
  public static final int ROOM = 10_000;

  /** One of the schemes that paths may have, though no such store is near. */
  private static final String SCHEME = "viewfs";

  /** A configuration that knows it. */
  public static Configuration configuration() {
    Configuration configuration = new Configuration();
    configure(configuration);
    return configuration;
  }

  /** Makes a configuration know it. */
  public static void configure(Configuration configuration) {
    configuration.set("fs.%s.impl".formatted(SCHEME), FullDisk.class.getName());
    configuration.setBoolean("fs.%s.impl.disable.cache".formatted(SCHEME), true);
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
    return limited(super.create(path, overwrite, bufferSize, replication, blockSize, progress));
  }

  private static FSDataOutputStream limited(FSDataOutputStream stream) {
    return new FSDataOutputStream(new Limited(stream), null);
  }

  @Override
  public FileStatus getFileStatus(org.apache.hadoop.fs.Path path) throws IOException {
    FileStatus status = super.getFileStatus(path);
    status.setPath(path(Path.of(path.toUri().getPath())));
    return status;
  }

  private static final class Limited extends OutputStream {
    private final OutputStream stream;
    private long written;

    Limited(OutputStream stream) {
      this.stream = stream;
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      written += length;
      if (written > ROOM) {
        throw new IOException("No space left on device");
      }
      stream.write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
      stream.flush();
    }

    @Override
    public void close() throws IOException {
      stream.close();
    }
  }
}
