package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.hadoop.fs.Path;

/**
 * The rows of an Arrow IPC file, in stream or file format; one record batch is in memory at a time.
 */
final class ArrowRows implements AutoCloseable {
  private static final long MOST_MEMORY = 1L << 30;

  private final ForeignFile file;
  private final BufferAllocator allocator;
  private final ArrowStreamReader reader;
  private long before;
  private int row;
  private int rows;
  private boolean failed;

  private ArrowRows(Path file, BufferAllocator allocator, ArrowMessages messages) {
    this.file = new ForeignFile(file, FileKind.ARROW);
    this.allocator = allocator;
    this.reader = new ArrowStreamReader(messages, allocator, new ArrowCodecs());
  }

  /**
   * Opens a file; its columns are there, its rows not yet.
   *
   * @param remarks gets a sentence for what a person should know
   */
  static ArrowRows open(Storage storage, Path file, Consumer<String> remarks) {
    // A quarter of the heap: netty's direct memory is bounded by the heap's size, and a batch is
    // there as stored and decompressed.
    long memory = Math.min(MOST_MEMORY, Runtime.getRuntime().maxMemory() / 4);
    BufferAllocator allocator = new RootAllocator(memory);
    ArrowMessages messages = ArrowMessages.open(storage, file, allocator, remarks);
    return new ArrowRows(file, allocator, messages);
  }

  /** Takes a step that reads the file. */
  <T> T read(ForeignFile.Step<T> step) {
    try {
      return file.read(step);
    } catch (BadInputException | UncheckedIOException e) {
      failed = true;
      throw e;
    }
  }

  /** The columns, whose vectors hold the batch that is loaded; inside {@link #read}. */
  List<FieldVector> columns() throws IOException {
    return reader.getVectorSchemaRoot().getFieldVectors();
  }

  /** The names of the columns, in their order; inside {@link #read}. */
  List<String> names() throws IOException {
    return reader.getVectorSchemaRoot().getSchema().getFields().stream()
        .map(Field::getName)
        .toList();
  }

  /** What columns of codes stand for. */
  DictionaryProvider dictionaries() {
    return reader;
  }

  /** Where the file lies. */
  Path path() {
    return file.path();
  }

  /**
   * What is made of the next row, or empty after the last.
   *
   * @param making takes the number of the row in the batch that is loaded
   */
  <T> Optional<T> next(IntFunction<T> making) {
    return read(
        () -> {
          while (row == rows) {
            if (!reader.loadNextBatch()) {
              return Optional.empty();
            }
            before += rows;
            row = 0;
            rows = reader.getVectorSchemaRoot().getRowCount();
          }
          int current = row++;
          return Optional.of(file.row(before + current, () -> making.apply(current)));
        });
  }

  /**
   * Makes sure that a column has as many rows as its batch.
   *
   * @throws IllegalArgumentException if it has not
   */
  void require(int rowsOfColumn) {
    if (rowsOfColumn != rows) {
      throw new IllegalArgumentException(
          "%d rows in a column of a batch of %d".formatted(rowsOfColumn, rows));
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
