package io.tritmill.jobs.data;

import io.tritmill.jobs.storage.Storage;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/** The rows of a Parquet file as documents. */
final class ParquetDocuments implements DocumentReader {
  private final ParquetRecords records;
  private ParquetColumn column;
  private Optional<ParquetColumn> mask = Optional.empty();

  private ParquetDocuments(Storage storage, Path file, Optional<String> wanted) {
    records = ParquetRecords.open(storage, file, schema -> choice(file, wanted, schema));
  }

  static ParquetDocuments open(Storage storage, Path file, Optional<String> column) {
    return new ParquetDocuments(storage, file, column);
  }

  /** The column of documents, and behind it what masks them. */
  private List<Type> choice(Path file, Optional<String> wanted, MessageType schema) {
    List<Type> fields = schema.getFields();
    String name = Columns.choose(file, wanted, fields.stream().map(Type::getName).toList());
    Type field = schema.getType(name);
    column =
        ParquetColumn.of(field)
            .orElseThrow(() -> Columns.wrongType(file, name, ParquetColumn.said(field)));
    String maskName = AttentionMask.of(name);
    if (maskName.equals(name) || !schema.containsField(maskName)) {
      return List.of(field);
    }
    Type masks = schema.getType(maskName);
    mask =
        Optional.of(
            ParquetColumn.mask(masks)
                .orElseThrow(() -> Columns.noMask(file, maskName, ParquetColumn.said(masks))));
    return List.of(field, masks);
  }

  @Override
  public Optional<Document> next() {
    return records.next(this::document);
  }

  private Document document(Group record) {
    Document document = column.document(record, 0);
    if (mask.isPresent()
        && record.getFieldRepetitionCount(1) > 0
        && record.getFieldRepetitionCount(0) > 0
        && document instanceof Document.Tokens tokens
        && mask.get().document(record, 1) instanceof Document.Tokens values) {
      return new Document.Tokens(AttentionMask.apply(tokens.ids(), values.ids()));
    }
    return document;
  }

  @Override
  public void close() {
    records.close();
  }
}
