package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/** The kinds of data file, told apart by their endings, a single file also by its first bytes. */
enum FileKind {
  ARROW("Arrow", List.of(".arrow", ".arrows", ".ipc", ".feather")),
  PARQUET("Parquet", List.of(".parquet")),
  JSON_LINES("JSON lines", List.of(".jsonl", ".ndjson", ".json")),
  TEXT("text", List.of(".txt"));

  private static final byte[] ARROW_FILE = "ARROW1".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ARROW_STREAM = {-1, -1, -1, -1};
  private static final byte[] PARQUET_FILE = "PAR1".getBytes(StandardCharsets.US_ASCII);

  private final String label;
  private final List<String> endings;

  FileKind(String label, List<String> endings) {
    this.label = label;
    this.endings = endings;
  }

  /** How messages call it. */
  String label() {
    return label;
  }

  /** Every ending of a data file. */
  static String allEndings() {
    return String.join(
        ", ", Arrays.stream(values()).flatMap(kind -> kind.endings.stream()).toList());
  }

  /** The kind that a file's name promises. */
  static Optional<FileKind> ofName(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    boolean zipped = Gzip.named(lower);
    String plain = zipped ? lower.substring(0, lower.length() - Gzip.ENDING.length()) : lower;
    return Arrays.stream(values())
        .filter(kind -> !zipped || kind == JSON_LINES || kind == TEXT)
        .filter(kind -> kind.endings.stream().anyMatch(plain::endsWith))
        .findFirst();
  }

  /**
   * The kind of a file that the user named.
   *
   * @throws BadInputException if neither its content nor its name tells
   */
  static FileKind ofFile(Storage storage, Path file) {
    byte[] head;
    try (FSDataInputStream in = storage.open(file)) {
      head = in.readNBytes(ARROW_FILE.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (startsWith(head, ARROW_FILE) || startsWith(head, ARROW_STREAM)) {
      return ARROW;
    }
    if (startsWith(head, PARQUET_FILE)) {
      return PARQUET;
    }
    return ofName(file.getName())
        .orElseThrow(
            () ->
                BadInputException.broken(
                    "%s: is neither Arrow nor Parquet, and its name ends in none of %s",
                    file, allEndings()));
  }

  private static boolean startsWith(byte[] head, byte[] magic) {
    return head.length >= magic.length
        && Arrays.equals(head, 0, magic.length, magic, 0, magic.length);
  }

  /** Opens a file of this kind. */
  DocumentReader open(Storage storage, Path file, Reading reading) {
    return switch (this) {
      case ARROW -> ArrowDocuments.open(storage, file, reading);
      case PARQUET -> ParquetDocuments.open(storage, file, reading.column());
      case JSON_LINES -> JsonDocuments.open(storage, file, reading.column());
      case TEXT -> TextDocument.open(storage, file, reading.characters());
    };
  }
}
