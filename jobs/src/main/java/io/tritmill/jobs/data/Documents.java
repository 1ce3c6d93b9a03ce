package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import java.util.Iterator;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * A data set on disk, read a document at a time in the order of its files and rows.
 *
 * <p>It is one of: a Hugging Face {@code datasets} folder (one split of a DatasetDict among them),
 * a folder with one kind of data file, read in order of their names, or a single file. Kinds are
 * Arrow IPC (stream and file format), Parquet, JSON lines and text, where a file is one document;
 * the last two may be compressed with gzip.
 *
 * <p>A document is a row of the column {@code text} or, where that is absent, {@code input_ids}. A
 * null is an empty document, so that documents keep their numbers.
 */
public final class Documents {
  private final Storage storage;
  private final Path path;
  private final DataFiles files;
  private final Optional<String> column;

  private Documents(Storage storage, Path path, DataFiles files, Optional<String> column) {
    this.storage = storage;
    this.path = path;
    this.files = files;
    this.column = column;
  }

  /**
   * What to take of a data set that holds more than one thing.
   *
   * @param split split of a DatasetDict; if empty, {@code test}, else {@code validation}, else the
   *     only one
   * @param column column of texts or of lists of token ids; if empty, {@code text}, else {@code
   *     input_ids}
   */
  public record Selection(Optional<String> split, Optional<String> column) {
    /** Takes what is there by default. */
    public static final Selection DEFAULT = new Selection(Optional.empty(), Optional.empty());
  }

  /**
   * Finds the files of a data set; their contents are not looked at yet.
   *
   * @throws BadInputException if there is nothing that can be read, or no way to choose
   */
  public static Documents open(Storage storage, Path path, Selection selection) {
    DataFiles files = DataFiles.find(storage, path, selection.split());
    return new Documents(storage, path, files, selection.column());
  }

  /** Where the data set lies. */
  public Path path() {
    return path;
  }

  /**
   * What names the data: the {@code _fingerprint} that {@code datasets} gave them, else 16
   * hexadecimal digits of the SHA-256 of the files' names and contents, for which all are read.
   */
  public String fingerprint() {
    return files.statedFingerprint().orElseGet(() -> files.digest(storage));
  }

  /** Reads from the first document on. */
  public DocumentReader read() {
    return new AllFiles();
  }

  private final class AllFiles implements DocumentReader {
    private final Iterator<Path> remaining = files.files().iterator();
    private DocumentReader current;
    private Path file;
    private Class<? extends Document> content;

    @Override
    public Optional<Document> next() {
      while (true) {
        if (current != null) {
          Optional<Document> document = current.next();
          if (document.isPresent()) {
            requireSameContent(document.get());
            return document;
          }
          close();
        }
        if (!remaining.hasNext()) {
          return Optional.empty();
        }
        file = remaining.next();
        current = files.kind().open(storage, file, column);
      }
    }

    private void requireSameContent(Document document) {
      if (content == null) {
        content = document.getClass();
      }
      if (document.getClass() != content) {
        throw BadInputException.broken(
            "%s: holds %s, but the files before it hold the other kind of text and token ids;"
                + " choose a column that all files have",
            file, document instanceof Document.Text ? "text" : "token ids");
      }
    }

    @Override
    public void close() {
      if (current != null) {
        current.close();
        current = null;
      }
    }
  }
}
