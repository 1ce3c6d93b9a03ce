package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.Path;

/**
 * A data set on disk, read a document at a time in the order of its files and rows.
 *
 * <p>It is one of: a Hugging Face {@code datasets} folder (one split of a DatasetDict among them),
 * a folder with one kind of data file, read in order of their names (one split of them, where the
 * names tell of splits as {@code load_dataset} reads them), or a single file. Kinds are Arrow IPC
 * (stream and file format), Parquet, JSON lines and text, where a file is one document; the last
 * two may be compressed with gzip.
 *
 * <p>A document is a row of the column {@code text} or, where that is absent, {@code input_ids},
 * without the padding that a column {@code attention_mask} beside them tells of. A null is an empty
 * document, so that documents keep their numbers.
 */
public final class Documents {
  private final Storage storage;
  private final Path path;
  private final DataFiles files;
  private final Optional<String> column;
  private final Set<String> remarks = new LinkedHashSet<>();

  private Documents(Storage storage, Path path, DataFiles files, Optional<String> column) {
    this.storage = storage;
    this.path = path;
    this.files = files;
    this.column = column;
  }

  /**
   * What to take of a data set that holds more than one thing.
   *
   * @param split split of a DatasetDict or of a folder whose names tell of splits; if empty, the
   *     first preferred one that is there, else the only one
   * @param column column of texts or of lists of token ids; if empty, {@code text}, else {@code
   *     input_ids}
   * @param preferredSplits splits in the order in which they are looked for
   */
  public record Selection(
      Optional<String> split, Optional<String> column, List<String> preferredSplits) {
    /** Takes what models are held against. */
    public static final Selection DEFAULT = new Selection(Optional.empty(), Optional.empty());

    /** Takes what methods may learn from: never what models are held against, if there is more. */
    public static final Selection LEARNING =
        new Selection(Optional.empty(), Optional.empty(), List.of("train", "validation"));

    /** Takes what models are held against, but as the user says. */
    public Selection(Optional<String> split, Optional<String> column) {
      this(split, column, List.of("test", "validation"));
    }
  }

  /**
   * Finds the files of a data set; their contents are not looked at yet.
   *
   * @throws BadInputException if there is nothing that can be read, or no way to choose
   */
  public static Documents open(Storage storage, Path path, Selection selection) {
    DataFiles files = DataFiles.find(storage, path, selection);
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
    return read(Integer.MAX_VALUE);
  }

  /**
   * Reads from the first document on.
   *
   * @param characters of a text that are enough; longer ones may come cut
   */
  DocumentReader read(int characters) {
    return new AllFiles(new Reading(column, characters, remarks::add));
  }

  /** Sentences on the files that were read, which a person should know. */
  public List<String> remarks() {
    return List.copyOf(remarks);
  }

  private final class AllFiles implements DocumentReader {
    private final Reading reading;
    private final Iterator<Path> remaining = files.files().iterator();
    private DocumentReader current;
    private Path file;
    private Class<? extends Document> content;
    private Optional<Document> held = Optional.empty();
    private long nulls;

    AllFiles(Reading reading) {
      this.reading = reading;
    }

    @Override
    public Optional<Document> next() {
      if (nulls == 0 && held.isEmpty()) {
        held = read();
        // Nulls at the beginning are of the kind of what follows them.
        for (; content == null && held.isPresent(); held = read()) {
          if (held.get() != Document.UNKNOWN) {
            content = held.get().getClass();
            break;
          }
          nulls++;
        }
      }
      if (nulls > 0) {
        nulls--;
        return Optional.of(empty());
      }
      Optional<Document> next =
          held.map(document -> document == Document.UNKNOWN ? empty() : document);
      held = Optional.empty();
      next.ifPresent(this::requireSameContent);
      return next;
    }

    private Document empty() {
      return content == Document.Tokens.class
          ? new Document.Tokens(new int[0])
          : new Document.Text("");
    }

    private Optional<Document> read() {
      while (true) {
        if (current != null) {
          Optional<Document> document = current.next();
          if (document.isPresent()) {
            return document;
          }
          close();
        }
        if (!remaining.hasNext()) {
          return Optional.empty();
        }
        file = remaining.next();
        current = files.kind().open(storage, file, reading);
      }
    }

    private void requireSameContent(Document document) {
      if (document.getClass() != content) {
        throw BadInputException.broken(
            "%s: holds %s, but what stands before it is the other kind of text and token ids;"
                + " choose a column that holds one of them",
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
