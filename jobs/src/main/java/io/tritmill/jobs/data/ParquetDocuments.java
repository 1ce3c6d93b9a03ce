package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.storage.StoredInputFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/** The rows of a Parquet file; one column of one row group is in memory at a time. */
final class ParquetDocuments implements DocumentReader {
  private final ForeignFile file;
  private final ParquetFileReader reader;
  private final MessageType projection;
  private final ParquetColumn column;
  private final MessageColumnIO columnIo;
  private RecordReader<Group> records;
  private long remaining;
  private long row;

  private ParquetDocuments(
      Path file, long length, ParquetFileReader reader, Optional<String> wanted) {
    this.file = new ForeignFile(file, FileKind.PARQUET);
    this.reader = reader;
    MessageType schema = reader.getFileMetaData().getSchema();
    List<Type> fields = schema.getFields();
    String name = Columns.choose(file, wanted, fields.stream().map(Type::getName).toList());
    Type field = schema.getType(name);
    column =
        ParquetColumn.of(field)
            .orElseThrow(
                () ->
                    Columns.wrongType(
                        file, name, field.toString().lines().findFirst().orElseThrow()));
    projection = new MessageType(schema.getName(), field);
    columnIo = new ColumnIOFactory().getColumnIO(projection, schema);
    reader.setRequestedSchema(projection);
    requireChunksInside(file, name, length);
  }

  static ParquetDocuments open(Storage storage, Path file, Optional<String> column) {
    long length = storage.status(file).getLen();
    ParquetReadOptions options =
        ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
    return new ForeignFile(file, FileKind.PARQUET)
        .read(
            () -> {
              ParquetFileReader reader =
                  ParquetFileReader.open(new StoredInputFile(storage, file, length), options);
              try {
                return new ParquetDocuments(file, length, reader, column);
              } catch (RuntimeException e) {
                reader.close();
                throw e;
              }
            });
  }

  /** Column chunks are read whole, so what the footer says of them is held against the file. */
  private void requireChunksInside(Path file, String name, long length) {
    for (BlockMetaData group : reader.getRowGroups()) {
      for (ColumnChunkMetaData chunk : group.getColumns()) {
        if (!chunk.getPath().toArray()[0].equals(name)) {
          continue;
        }
        long start = chunk.getStartingPos();
        long size = chunk.getTotalSize();
        if (start < 0 || size < 0 || size > length || start > length - size) {
          throw BadInputException.broken(
              "%s: column %s has a chunk of %d bytes at byte %d, but the file has %d; is it"
                  + " complete?",
              file, name, size, start, length);
        }
      }
    }
  }

  @Override
  public Optional<Document> next() {
    return file.read(
        () -> {
          while (remaining == 0) {
            PageReadStore group = reader.readNextRowGroup();
            if (group == null) {
              return Optional.empty();
            }
            remaining = group.getRowCount();
            records = columnIo.getRecordReader(group, new GroupRecordConverter(projection));
          }
          remaining--;
          Group record = records.read();
          return Optional.of(file.document(row++, () -> column.document(record)));
        });
  }

  @Override
  public void close() {
    try {
      reader.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
