package io.tritmill.jobs.storage;

import io.tritmill.jobs.failure.BadInputException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.hadoop.fs.Path;

/**
 * The little-endian numbers of a file from its beginning on; nothing is read, skipped or allocated
 * that the file does not have.
 */
public final class HeaderInput implements AutoCloseable {
  private static final int BUFFER = 1 << 16;

  private final String file;
  private final long length;
  private final InputStream in;
  private final ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
  private long position;

  /** Opens a file. */
  public HeaderInput(Storage storage, Path file) {
    this.file = file.toString();
    this.length = storage.status(file).getLen();
    this.in = new BufferedInputStream(storage.open(file), BUFFER);
  }

  /** Its URI, for messages. */
  public String file() {
    return file;
  }

  /** Bytes of the file. */
  public long length() {
    return length;
  }

  /** The next byte. */
  public long position() {
    return position;
  }

  /** Bytes from the next one on. */
  public long remaining() {
    return length - position;
  }

  /** An unsigned byte. */
  public int u8(String what) {
    return Byte.toUnsignedInt(number(what, 1).get(0));
  }

  /** An unsigned number of two bytes. */
  public int u16(String what) {
    return Short.toUnsignedInt(number(what, 2).getShort(0));
  }

  /** A number of four bytes. */
  public int i32(String what) {
    return number(what, 4).getInt(0);
  }

  /** A number of eight bytes. */
  public long i64(String what) {
    return number(what, 8).getLong(0);
  }

  /**
   * A count of things of which each has {@code bytes} at least.
   *
   * @throws BadInputException if they cannot fit into the rest of the file
   */
  public long count(String what, long bytes) {
    long count = i64(what);
    if (count < 0 || count > remaining() / bytes) {
      throw BadInputException.broken(
          "%s: %s is %s at byte %d, but only %d bytes follow; is the download complete?",
          file, what, Long.toUnsignedString(count), position - 8, remaining());
    }
    return count;
  }

  /** So many bytes; the caller has bounded how many. */
  public byte[] bytes(String what, int count) {
    require(what, count);
    byte[] bytes = new byte[count];
    read(bytes, count);
    return bytes;
  }

  /** Leaves bytes out. */
  public void skip(String what, long count) {
    require(what, count);
    try {
      in.skipNBytes(count);
      position += count;
    } catch (EOFException e) {
      throw changed();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ByteBuffer number(String what, int bytes) {
    require(what, bytes);
    read(number.array(), bytes);
    return number;
  }

  private void require(String what, long count) {
    if (count < 0 || count > remaining()) {
      throw BadInputException.broken(
          "%s: %s needs %s bytes at byte %d, but only %d follow; is the download complete?",
          file, what, Long.toUnsignedString(count), position, remaining());
    }
  }

  private void read(byte[] into, int count) {
    try {
      if (in.readNBytes(into, 0, count) < count) {
        throw changed();
      }
      position += count;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private BadInputException changed() {
    return BadInputException.broken(
        "%s: ended at byte %d while it was read, expected %d; did it change?",
        file, position, length);
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
