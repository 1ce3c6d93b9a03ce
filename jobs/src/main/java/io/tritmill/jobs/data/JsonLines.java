package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.Optional;
import java.util.zip.ZipException;
import org.apache.hadoop.fs.Path;

/** The lines of a file with a JSON object a line; blank lines are passed over. */
final class JsonLines implements AutoCloseable {
  private static final int LINE_LIMIT = 64 << 20;

  private final Path file;
  private final InputStream in;
  private final JsonRow.Parser parser = new JsonRow.Parser(LINE_LIMIT);
  private long line;

  private JsonLines(Path file, InputStream in) {
    this.file = file;
    this.in = in;
  }

  static JsonLines open(Storage storage, Path file) {
    return new JsonLines(file, new BufferedInputStream(Gzip.open(storage, file), 1 << 16));
  }

  /** What is made of a line's object; what it cannot be made of is the line's fault. */
  interface Making<T> {
    T of(JsonRow row);
  }

  /**
   * What is made of the next line that is not blank, or empty after the last.
   *
   * @param asked columns to keep
   */
  <T> Optional<T> next(Collection<String> asked, Making<T> making) {
    try {
      for (byte[] text = line(); text != null; text = line()) {
        if (!blank(text)) {
          return Optional.of(made(text, asked, making));
        }
      }
      return Optional.empty();
    } catch (EOFException | ZipException e) {
      throw Gzip.incomplete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private <T> T made(byte[] text, Collection<String> asked, Making<T> making) throws IOException {
    try {
      return making.of(parser.read(text, asked));
    } catch (IllegalArgumentException e) {
      throw broken(e.getMessage());
    }
  }

  private static boolean blank(byte[] text) {
    for (byte one : text) {
      if (!Character.isWhitespace(one)) {
        return false;
      }
    }
    return true;
  }

  /** The next line without its end, or null after the last. */
  private byte[] line() throws IOException {
    line++;
    int next = in.read();
    if (next < 0) {
      return null;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    while (next >= 0 && next != '\n') {
      if (bytes.size() == LINE_LIMIT) {
        throw broken("the line has more than %d bytes".formatted(LINE_LIMIT));
      }
      bytes.write(next);
      next = in.read();
    }
    return bytes.toByteArray();
  }

  private BadInputException broken(String problem) {
    return BadInputException.broken("%s: %s", place(), problem);
  }

  /** Where the line stands that was read last. */
  String place() {
    return file + ":" + line;
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
