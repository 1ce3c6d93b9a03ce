package io.tritmill.jobs.storage;

import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.util.HadoopStreams;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;

/** A file as the library of Parquet opens it. */
public final class StoredInputFile implements InputFile {
  private final Storage storage;
  private final Path path;
  private final long length;

  /**
   * A file.
   *
   * @param length bytes that it has
   */
  public StoredInputFile(Storage storage, Path path, long length) {
    this.storage = storage;
    this.path = path;
    this.length = length;
  }

  @Override
  public long getLength() {
    return length;
  }

  @Override
  public SeekableInputStream newStream() {
    return HadoopStreams.wrap(storage.open(path));
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
