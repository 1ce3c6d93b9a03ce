package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipException;
import org.apache.hadoop.fs.Path;

/** A file with a JSON object a line; blank lines are passed over. */
final class JsonDocuments implements DocumentReader {
  private static final int LINE_LIMIT = 64 << 20;
  private final Path file;
  private final InputStream in;
  private final Optional<String> wanted;
  private final JsonRow.Parser parser = new JsonRow.Parser(LINE_LIMIT);
  private List<String> asked;
  private String column;
  private Document empty = Document.UNKNOWN;
  private long line;

  private JsonDocuments(Path file, InputStream in, Optional<String> wanted) {
    this.file = file;
    this.in = in;
    this.wanted = wanted;
    this.asked = JsonRow.asked(Columns.candidates(wanted));
  }

  static JsonDocuments open(Storage storage, Path file, Optional<String> column) {
    return new JsonDocuments(
        file, new BufferedInputStream(Gzip.open(storage, file), 1 << 16), column);
  }

  @Override
  public Optional<Document> next() {
    try {
      for (byte[] text = line(); text != null; text = line()) {
        if (!blank(text)) {
          return Optional.of(document(text));
        }
      }
      return Optional.empty();
    } catch (EOFException | ZipException e) {
      throw Gzip.incomplete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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

  private Document document(byte[] text) throws IOException {
    try {
      return document(parser.read(text, asked));
    } catch (IllegalArgumentException e) {
      throw broken(e.getMessage());
    }
  }

  private Document document(JsonRow row) {
    if (column == null || !row.columns().containsKey(column)) {
      column = Columns.choose(place(), column == null ? wanted : Optional.of(column), row.names());
      asked = JsonRow.asked(List.of(column));
      if (column.equals(Columns.IDS)) {
        empty = new Document.Tokens(new int[0]);
      }
    }
    return switch (row.columns().get(column)) {
      case JsonRow.Value.Text text -> new Document.Text(Utf8.requireUnicode(text.text(), column));
      case JsonRow.Value.Integers ids -> {
        empty = new Document.Tokens(new int[0]);
        yield new Document.Tokens(
            masked(ids.values(), row.columns().get(AttentionMask.of(column))));
      }
      case JsonRow.Value.Null none -> empty;
      case JsonRow.Value.OtherList list ->
          throw new IllegalArgumentException(
              "%s holds %s, expected token ids".formatted(column, list.element()));
      case JsonRow.Value.Other other ->
          throw new IllegalArgumentException(
              "%s is of type %s, expected a string or a list of integers"
                  .formatted(column, other.type()));
      case JsonRow.Value.Twice twice -> throw new IllegalArgumentException(Columns.twice(column));
    };
  }

  private int[] masked(int[] ids, JsonRow.Value mask) {
    return switch (mask) {
      case null -> ids;
      case JsonRow.Value.Null none -> ids;
      case JsonRow.Value.Integers values when AttentionMask.of(column).equals(column) -> ids;
      case JsonRow.Value.Integers values -> AttentionMask.apply(ids, values.values());
      case JsonRow.Value.Twice twice ->
          throw new IllegalArgumentException(Columns.twice(AttentionMask.of(column)));
      default ->
          throw new IllegalArgumentException(
              "%s is no list of 0 and 1".formatted(AttentionMask.of(column)));
    };
  }

  private BadInputException broken(String problem) {
    return BadInputException.broken("%s: %s", place(), problem);
  }

  private String place() {
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
