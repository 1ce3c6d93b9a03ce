package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.zip.ZipException;
import org.apache.hadoop.fs.Path;

/** A text file, which is one document. */
final class TextDocument implements DocumentReader {
  private static final int LIMIT = 256 << 20;

  private Document document;

  private TextDocument(Document document) {
    this.document = document;
  }

  static TextDocument open(Storage storage, Path file) {
    try (InputStream in = Gzip.open(storage, file)) {
      byte[] bytes = in.readNBytes(LIMIT + 1);
      if (bytes.length > LIMIT) {
        throw BadInputException.broken(
            "%s: has more than %d bytes, which is too long for one document; cut it into several",
            file, LIMIT);
      }
      return new TextDocument(new Document.Text(Utf8.decode(bytes)));
    } catch (EOFException | ZipException e) {
      throw BadInputException.broken("%s: is no complete gzip file", file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (IllegalArgumentException e) {
      throw BadInputException.broken("%s: %s", file, e.getMessage());
    }
  }

  @Override
  public Optional<Document> next() {
    Optional<Document> result = Optional.ofNullable(document);
    document = null;
    return result;
  }

  @Override
  public void close() {
    document = null;
  }
}
