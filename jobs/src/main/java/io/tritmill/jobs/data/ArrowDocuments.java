package io.tritmill.jobs.data;

import io.tritmill.jobs.storage.Storage;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.vector.FieldVector;
import org.apache.hadoop.fs.Path;

/** The rows of an Arrow IPC file as documents. */
final class ArrowDocuments implements DocumentReader {
  private final ArrowRows rows;
  private final ArrowColumn column;
  private final ArrowColumn mask;

  private ArrowDocuments(ArrowRows rows, ArrowColumn column, ArrowColumn mask) {
    this.rows = rows;
    this.column = column;
    this.mask = mask;
  }

  static ArrowDocuments open(Storage storage, Path file, Reading reading) {
    ArrowRows rows = ArrowRows.open(storage, file, reading.remarks());
    try {
      return rows.read(() -> of(rows, rows.columns(), rows.names(), reading.column()));
    } catch (RuntimeException e) {
      rows.close();
      throw e;
    }
  }

  private static ArrowDocuments of(
      ArrowRows rows, List<FieldVector> columns, List<String> names, Optional<String> wanted) {
    String name = Columns.choose(rows.path(), wanted, names);
    // By place: the library's own look-up by name keeps the last of many.
    FieldVector vector = columns.get(names.indexOf(name));
    ArrowColumn column =
        ArrowColumn.of(vector, rows.dictionaries())
            .orElseThrow(() -> Columns.wrongType(rows.path(), name, vector.getField().getType()));
    String maskName = AttentionMask.of(name);
    if (maskName.equals(name) || !names.contains(maskName)) {
      return new ArrowDocuments(rows, column, null);
    }
    FieldVector masks = columns.get(names.indexOf(maskName));
    ArrowColumn mask =
        ArrowColumn.mask(masks)
            .or(() -> ArrowColumn.nulls(masks))
            .orElseThrow(() -> Columns.noMask(rows.path(), maskName, masks.getField().getType()));
    return new ArrowDocuments(rows, column, mask);
  }

  private Document document(int row) {
    rows.require(column.rows());
    return column.document(row) instanceof Document.Tokens tokens
            && mask != null
            && !mask.isNull(row)
            && !column.isNull(row)
            && mask.document(row) instanceof Document.Tokens values
        ? new Document.Tokens(AttentionMask.apply(tokens.ids(), values.ids()))
        : column.document(row);
  }

  @Override
  public Optional<Document> next() {
    return rows.next(this::document);
  }

  @Override
  public void close() {
    rows.close();
  }
}
