package io.tritmill.jobs.calibrate;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Publication;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/** Files of little-endian numbers and nothing else, written and read through one small buffer. */
final class NumberFiles {
  private static final int BUFFER = 1 << 16;

  private NumberFiles() {}

  /** Writes the first {@code count} floats as a new file. */
  static void write(Storage storage, Path path, float[] values, int count) throws IOException {
    try (Publication file = storage.publication(path, "writing")) {
      write(file.stream(), values, count);
      file.commit();
    }
  }

  /** Appends the first {@code count} floats to a stream. */
  static void write(OutputStream out, float[] values, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < count; at += BUFFER / Float.BYTES) {
      int taken = Math.min(BUFFER / Float.BYTES, count - at);
      buffer.asFloatBuffer().put(values, at, taken);
      out.write(buffer.array(), 0, taken * Float.BYTES);
    }
  }

  /**
   * Reads a file of exactly so many floats.
   *
   * @throws BadInputException if it has another length
   */
  static float[] readFloats(Storage storage, Path path, int count) throws IOException {
    float[] values = new float[count];
    try (FSDataInputStream in = open(storage, path.toString(), count)) {
      read(in, values, count);
    }
    return values;
  }

  /**
   * Opens a file of exactly so many floats.
   *
   * @throws BadInputException if it has another length
   */
  static FSDataInputStream open(Storage storage, String file, long count) throws IOException {
    Path path = new Path(file);
    requireBytes(storage, path, count * Float.BYTES);
    return storage.open(path);
  }

  /** Reads the next {@code count} floats of a file. */
  static void read(FSDataInputStream in, float[] into, int count) throws IOException {
    byte[] buffer = new byte[BUFFER];
    ByteBuffer view = ByteBuffer.wrap(buffer).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < count; at += BUFFER / Float.BYTES) {
      int taken = Math.min(BUFFER / Float.BYTES, count - at);
      in.readFully(buffer, 0, taken * Float.BYTES);
      view.asFloatBuffer().get(into, at, taken);
    }
  }

  /** Appends doubles to a stream. */
  static void write(OutputStream out, double[] values) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < values.length; at += BUFFER / Double.BYTES) {
      int taken = Math.min(BUFFER / Double.BYTES, values.length - at);
      buffer.asDoubleBuffer().put(values, at, taken);
      out.write(buffer.array(), 0, taken * Double.BYTES);
    }
  }

  /** Reads doubles from the middle of a file: {@code count} of them from the {@code first} on. */
  static double[] readDoubles(Storage storage, Path path, long first, int count)
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

  private static void requireBytes(Storage storage, Path path, long bytes) {
    long found = storage.status(path).getLen();
    if (found != bytes) {
      throw BadInputException.broken(
          "%s: has %d bytes, expected %d; remove the run's directory and start again",
          path, found, bytes);
    }
  }
}
