package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.apache.hadoop.fs.Path;

/** Opens files that may be compressed, which their names tell. */
final class Gzip {
  static final String ENDING = ".gz";
  private static final int BUFFER = 1 << 16;

  private Gzip() {}

  static boolean named(String name) {
    return name.toLowerCase(Locale.ROOT).endsWith(ENDING);
  }

  static InputStream open(Storage storage, Path file) {
    InputStream in = storage.open(file);
    if (!named(file.getName())) {
      return in;
    }
    try {
      return new GZIPInputStream(in, BUFFER);
    } catch (EOFException e) {
      close(in);
      throw incomplete(file);
    } catch (ZipException e) {
      close(in);
      throw BadInputException.broken("%s: is no gzip file, as its name says", file);
    } catch (IOException e) {
      close(in);
      throw new UncheckedIOException(e);
    }
  }

  /** Says that a file breaks off, or holds what gzip did not write. */
  static BadInputException incomplete(Path file) {
    return BadInputException.broken(
        "%s: is no complete gzip file; is the download complete?", file);
  }

  private static void close(InputStream in) {
    try {
      in.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
