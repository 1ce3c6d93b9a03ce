package io.tritmill.jobs.calibrate.stream;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Publication;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/**
 * Files of little-endian numbers and, behind the last, their CRC-32C in eight bytes; written and
 * read through one small buffer. Whoever reads a whole file learns whether it is as it was written.
 */
public final class NumberFiles {
  private static final int BUFFER = 1 << 16;

  private NumberFiles() {}

  /** A new file, which is there when it is committed. */
  public static final class Writer implements AutoCloseable {
    private final Publication file;
    private final CRC32C checksum = new CRC32C();
    private final CRC32C part = new CRC32C();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);

    private Writer(Publication file) {
      this.file = file;
    }

    /** Appends the first {@code count} floats. */
    public void write(float[] values, int count) throws IOException {
      for (int at = 0; at < count; at += BUFFER / Float.BYTES) {
        int taken = Math.min(BUFFER / Float.BYTES, count - at);
        buffer.asFloatBuffer().put(values, at, taken);
        flush(taken * Float.BYTES);
      }
    }

    /** Appends doubles. */
    public void write(double[] values) throws IOException {
      for (int at = 0; at < values.length; at += BUFFER / Double.BYTES) {
        int taken = Math.min(BUFFER / Double.BYTES, values.length - at);
        buffer.asDoubleBuffer().put(values, at, taken);
        flush(taken * Double.BYTES);
      }
    }

    /** Begins a part that may be read alone. */
    public void beginPart() {
      part.reset();
    }

    /** The checksum of what was written since the part began. */
    public long partChecksum() {
      return part.getValue();
    }

    private void flush(int bytes) throws IOException {
      checksum.update(buffer.array(), 0, bytes);
      part.update(buffer.array(), 0, bytes);
      file.stream().write(buffer.array(), 0, bytes);
    }

    /** Finishes the file and shows it. */
    public void commit() throws IOException {
      buffer.putLong(0, checksum.getValue());
      file.stream().write(buffer.array(), 0, Long.BYTES);
      file.commit();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  /** Reads a whole file, or a part of it, from its first number to its last. */
  public static final class Reader implements AutoCloseable {
    private final Path path;
    private final FSDataInputStream in;
    private final CRC32C checksum = new CRC32C();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
    private final Long expected; // null where the checksum stands behind the last number
    private long left;

    private Reader(Path path, FSDataInputStream in, long bytes, Long expected) {
      this.path = path;
      this.in = in;
      this.left = bytes;
      this.expected = expected;
    }

    /**
     * Reads the next {@code count} floats.
     *
     * @throws BadInputException if they are the last, and the file was changed
     */
    public void read(float[] into, int count) throws IOException {
      for (int at = 0; at < count; at += BUFFER / Float.BYTES) {
        int taken = Math.min(BUFFER / Float.BYTES, count - at);
        fill(taken * Float.BYTES);
        buffer.asFloatBuffer().get(into, at, taken);
      }
      checkAtEnd();
    }

    private void read(double[] into) throws IOException {
      for (int at = 0; at < into.length; at += BUFFER / Double.BYTES) {
        int taken = Math.min(BUFFER / Double.BYTES, into.length - at);
        fill(taken * Double.BYTES);
        buffer.asDoubleBuffer().get(into, at, taken);
      }
      checkAtEnd();
    }

    private void fill(int bytes) throws IOException {
      in.readFully(buffer.array(), 0, bytes);
      checksum.update(buffer.array(), 0, bytes);
      left -= bytes;
    }

    private void checkAtEnd() throws IOException {
      if (left > 0) {
        return;
      }
      if (storedChecksum() != checksum.getValue()) {
        throw BadInputException.broken(
            "%s: has changed since it was written; remove the run's directory and start again",
            path);
      }
    }

    private long storedChecksum() throws IOException {
      if (expected != null) {
        return expected;
      }
      in.readFully(buffer.array(), 0, Long.BYTES);
      return buffer.getLong(0);
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  /** Begins a new file. */
  public static Writer create(Storage storage, Path path) throws IOException {
    return new Writer(storage.publication(path, "writing"));
  }

  /** Writes the first {@code count} floats as a new file. */
  public static void write(Storage storage, Path path, float[] values, int count)
      throws IOException {
    try (Writer file = create(storage, path)) {
      file.write(values, count);
      file.commit();
    }
  }

  /**
   * Opens a file of exactly so many floats.
   *
   * @throws BadInputException if it has another length
   */
  public static Reader open(Storage storage, String file, long count) throws IOException {
    return open(storage, new Path(file), count * Float.BYTES);
  }

  /**
   * Opens a part of a file.
   *
   * @param rows which rows of the file
   * @param columns floats of a row
   * @throws BadInputException if the file has another length
   */
  public static Reader open(Storage storage, String file, FileRows rows, int columns)
      throws IOException {
    if (rows.all()) {
      return open(storage, file, (long) rows.count() * columns);
    }
    Path path = new Path(file);
    requireLength(storage, path, (long) rows.inFile() * columns * Float.BYTES);
    FSDataInputStream in = storage.open(path);
    in.seek((long) rows.first() * columns * Float.BYTES);
    return new Reader(path, in, (long) rows.count() * columns * Float.BYTES, rows.checksum());
  }

  private static Reader open(Storage storage, Path path, long bytes) throws IOException {
    requireLength(storage, path, bytes);
    return new Reader(path, storage.open(path), bytes, null);
  }

  private static void requireLength(Storage storage, Path path, long bytes) {
    long found = storage.status(path).getLen();
    if (found != bytes + Long.BYTES) {
      throw BadInputException.broken(
          "%s: has %d bytes, expected %d; remove the run's directory and start again",
          path, found, bytes + Long.BYTES);
    }
  }

  /**
   * Reads a file of exactly so many floats.
   *
   * @throws BadInputException if it has another length, or was changed
   */
  public static float[] readFloats(Storage storage, Path path, int count) throws IOException {
    float[] values = new float[count];
    try (Reader file = open(storage, path, (long) count * Float.BYTES)) {
      file.read(values, count);
    }
    return values;
  }

  /**
   * Reads a file of exactly so many doubles.
   *
   * @throws BadInputException if it has another length, or was changed
   */
  public static double[] readDoubles(Storage storage, Path path, int count) throws IOException {
    double[] values = new double[count];
    try (Reader file = open(storage, path, (long) count * Double.BYTES)) {
      file.read(values);
    }
    return values;
  }

  /**
   * Reads doubles from the middle of a file: {@code count} of them from the {@code first} on. What
   * is read so is not held against the checksum.
   */
  public static double[] readDoubles(Storage storage, Path path, long first, int count)
      throws IOException {
    double[] values = new double[count];
    byte[] buffer = new byte[BUFFER];
    ByteBuffer view = ByteBuffer.wrap(buffer).order(ByteOrder.LITTLE_ENDIAN);
    try (FSDataInputStream in = storage.open(path)) {
      in.seek(first * Double.BYTES);
      for (int at = 0; at < count; at += BUFFER / Double.BYTES) {
        int taken = Math.min(BUFFER / Double.BYTES, count - at);
        in.readFully(buffer, 0, taken * Double.BYTES);
        view.asDoubleBuffer().get(values, at, taken);
      }
    }
    return values;
  }
}
