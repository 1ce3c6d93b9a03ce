package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.ZipException;
import org.apache.hadoop.fs.Path;

/** A text file, which is one document; only so much of it is read as is enough. */
final class TextDocument implements DocumentReader {
  private static final int LIMIT = 256 << 20;
  private static final int PART = 1 << 16;

  private Document document;

  private TextDocument(Document document) {
    this.document = document;
  }

  static TextDocument open(Storage storage, Path file, int characters) {
    int most = Math.min(characters, LIMIT);
    try (Reader in =
        new InputStreamReader(Gzip.open(storage, file), StandardCharsets.UTF_8.newDecoder())) {
      StringBuilder text = new StringBuilder();
      char[] part = new char[PART];
      int count = 0;
      while (count >= 0 && text.length() <= most) {
        text.append(part, 0, count);
        count = in.read(part, 0, Math.min(PART, most - text.length() + 1));
      }
      if (count < 0) {
        return new TextDocument(new Document.Text(text.toString()));
      }
      if (most == LIMIT) {
        throw BadInputException.broken(
            "%s: has more than %d characters, which is too long for one document; cut it into"
                + " several",
            file, LIMIT);
      }
      int end = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
      return new TextDocument(new Document.Text(text.substring(0, end), false));
    } catch (EOFException | ZipException e) {
      throw Gzip.incomplete(file);
    } catch (CharacterCodingException e) {
      throw BadInputException.broken("%s: text is not UTF-8", file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
