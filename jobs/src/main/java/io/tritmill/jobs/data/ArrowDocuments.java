package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.hadoop.fs.Path;

/**
 * The rows of an Arrow IPC file, in stream or file format; one record batch is in memory at a time.
 */
final class ArrowDocuments implements DocumentReader {
  private static final long MOST_MEMORY = 1L << 30;

  private final ForeignFile file;
  private final Optional<String> wanted;
  private final BufferAllocator allocator;
  private final ArrowStreamReader reader;
  private ArrowColumn column;
  private ArrowColumn mask;
  private long before;
  private int row;
  private int rows;
  private boolean failed;

  private ArrowDocuments(
      Path file, Optional<String> wanted, BufferAllocator allocator, ArrowMessages messages) {
    this.file = new ForeignFile(file, FileKind.ARROW);
    this.wanted = wanted;
    this.allocator = allocator;
    this.reader = new ArrowStreamReader(messages, allocator, new ArrowCodecs());
  }

  static ArrowDocuments open(Storage storage, Path file, Reading reading) {
    // A quarter of the heap: netty's direct memory is bounded by the heap's size, and a batch is
    // there as stored and decompressed.
    long memory = Math.min(MOST_MEMORY, Runtime.getRuntime().maxMemory() / 4);
    BufferAllocator allocator = new RootAllocator(memory);
    ArrowMessages messages = ArrowMessages.open(storage, file, allocator, reading.remarks());
    ArrowDocuments documents = new ArrowDocuments(file, reading.column(), allocator, messages);
    try {
      documents.chooseColumn();
      return documents;
    } catch (RuntimeException e) {
      documents.close();
      throw e;
    }
  }

  private void chooseColumn() {
    read(
        () -> {
          VectorSchemaRoot root = reader.getVectorSchemaRoot();
          List<String> names = root.getSchema().getFields().stream().map(Field::getName).toList();
          String name = Columns.choose(file.path(), wanted, names);
          // By place: the library's own look-up by name keeps the last of many.
          FieldVector vector = root.getVector(names.indexOf(name));
          column =
              ArrowColumn.of(vector, reader)
                  .orElseThrow(
                      () -> Columns.wrongType(file.path(), name, vector.getField().getType()));
          String maskName = AttentionMask.of(name);
          if (!maskName.equals(name) && names.contains(maskName)) {
            FieldVector masks = root.getVector(names.indexOf(maskName));
            mask =
                ArrowColumn.mask(masks)
                    .or(() -> ArrowColumn.nulls(masks))
                    .orElseThrow(
                        () -> Columns.noMask(file.path(), maskName, masks.getField().getType()));
          }
          return true;
        });
  }

  private Document document(int row) {
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
    return read(
        () -> {
          while (row == rows) {
            if (!reader.loadNextBatch()) {
              return Optional.empty();
            }
            before += rows;
            row = 0;
            rows = reader.getVectorSchemaRoot().getRowCount();
            if (column.rows() != rows) {
              throw new IllegalArgumentException(
                  "%d rows in a column of a batch of %d".formatted(column.rows(), rows));
            }
          }
          int current = row++;
          return Optional.of(file.document(before + current, () -> document(current)));
        });
  }

  private <T> T read(ForeignFile.Step<T> step) {
    try {
      return file.read(step);
    } catch (BadInputException | UncheckedIOException e) {
      failed = true;
      throw e;
    }
  }

  @Override
  public void close() {
    try {
      reader.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    // After a failure half-loaded buffers remain, which close() would report as our leak.
    if (!failed) {
      allocator.close();
    }
  }
}
