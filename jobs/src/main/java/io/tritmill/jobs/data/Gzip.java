package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
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
    } catch (ZipException e) {
      throw BadInputException.broken("%s: is no gzip file, as its name says", file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
