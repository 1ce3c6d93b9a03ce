package io.tritmill.jobs.data;

import io.tritmill.jobs.storage.Storage;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/** A file with a JSON object a line; blank lines are passed over. */
final class JsonDocuments implements DocumentReader {
  private final JsonLines lines;
  private final Optional<String> wanted;
  private List<String> asked;
  private String column;
  private Document empty = Document.UNKNOWN;

  private JsonDocuments(JsonLines lines, Optional<String> wanted) {
    this.lines = lines;
    this.wanted = wanted;
    this.asked = JsonRow.asked(Columns.candidates(wanted));
  }

  static JsonDocuments open(Storage storage, Path file, Optional<String> column) {
    return new JsonDocuments(JsonLines.open(storage, file), column);
  }

  @Override
  public Optional<Document> next() {
    return lines.next(asked, this::document);
  }

  private Document document(JsonRow row) {
    if (column == null || !row.columns().containsKey(column)) {
      column =
          Columns.choose(lines.place(), column == null ? wanted : Optional.of(column), row.names());
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
      case JsonRow.Value.Texts list -> throw noIds(list.values().getFirst());
      case JsonRow.Value.OtherList list -> throw noIds(list.element());
      case JsonRow.Value.Whole number -> throw wrongType("NUMBER");
      case JsonRow.Value.Other other -> throw wrongType(other.type());
      case JsonRow.Value.Twice twice -> throw new IllegalArgumentException(Columns.twice(column));
    };
  }

  private IllegalArgumentException noIds(String element) {
    return new IllegalArgumentException(
        "%s holds %s, expected token ids".formatted(column, element));
  }

  private IllegalArgumentException wrongType(String type) {
    return new IllegalArgumentException(
        "%s is of type %s, expected a string or a list of integers".formatted(column, type));
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

  @Override
  public void close() {
    lines.close();
  }
}
