package io.tritmill.jobs.data;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.storage.StoredInputFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * Some columns of a Parquet file, record by record; those of one row group are in memory at a time.
 */
final class ParquetRecords implements AutoCloseable {
  /** Those that the library brings; for the others it would ask for a class by name. */
  private static final Set<CompressionCodecName> CODECS =
      EnumSet.of(
          CompressionCodecName.UNCOMPRESSED,
          CompressionCodecName.SNAPPY,
          CompressionCodecName.GZIP,
          CompressionCodecName.ZSTD,
          CompressionCodecName.LZ4,
          CompressionCodecName.LZ4_RAW);

  private final ForeignFile file;
  private final ParquetFileReader reader;
  private final MessageType projection;
  private final MessageColumnIO columnIo;
  private RecordReader<Group> records;
  private int group;
  private long remaining;
  private long row;

  private ParquetRecords(
      ForeignFile file,
      long length,
      ParquetFileReader reader,
      Function<MessageType, List<Type>> choice) {
    this.file = file;
    this.reader = reader;
    MessageType schema = reader.getFileMetaData().getSchema();
    projection = new MessageType(schema.getName(), choice.apply(schema));
    columnIo = new ColumnIOFactory().getColumnIO(projection, schema);
    reader.setRequestedSchema(projection);
    requireReadableChunks(length);
  }

  /**
   * Opens a file.
   *
   * @param choice the columns to read, which are the fields of a record in this order
   */
  static ParquetRecords open(Storage storage, Path path, Function<MessageType, List<Type>> choice) {
    long length = storage.status(path).getLen();
    ParquetReadOptions options =
        ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
    ForeignFile file = new ForeignFile(path, FileKind.PARQUET);
    return file.read(
        () -> {
          ParquetFileReader reader =
              ParquetFileReader.open(new StoredInputFile(storage, path, length), options);
          try {
            return new ParquetRecords(file, length, reader, choice);
          } catch (RuntimeException | StackOverflowError e) {
            reader.close();
            throw e;
          }
        });
  }

  /** Column chunks are read whole, so what the footer says of them is held against the file. */
  private void requireReadableChunks(long length) {
    for (BlockMetaData group : reader.getRowGroups()) {
      for (ColumnChunkMetaData chunk : group.getColumns()) {
        String name = chunk.getPath().toArray()[0];
        if (!projection.containsField(name)) {
          continue;
        }
        long start = chunk.getStartingPos();
        long size = chunk.getTotalSize();
        if (start < 0 || size < 0 || size > length || start > length - size) {
          throw BadInputException.broken(
              "%s: column %s has a chunk of %d bytes at byte %d, but the file has %d; is it"
                  + " complete?",
              file.path(), name, size, start, length);
        }
        if (!CODECS.contains(chunk.getCodec())) {
          throw BadInputException.unsupported(
              "%s: column %s is compressed with %s, expected none, snappy, gzip, zstd or lz4; write"
                  + " it again with one of these",
              file.path(), name, chunk.getCodec());
        }
      }
    }
  }

  /** What is made of the next record, or empty after the last. */
  <T> Optional<T> next(Function<Group, T> making) {
    return file.read(
        () -> {
          while (remaining == 0) {
            // The library warns of groups without rows, which some writers leave.
            while (group < reader.getRowGroups().size()
                && reader.getRowGroups().get(group).getRowCount() == 0) {
              reader.skipNextRowGroup();
              group++;
            }
            group++;
            PageReadStore pages = reader.readNextRowGroup();
            if (pages == null) {
              return Optional.empty();
            }
            remaining = pages.getRowCount();
            records = columnIo.getRecordReader(pages, new GroupRecordConverter(projection));
          }
          remaining--;
          Group record = records.read();
          return Optional.of(file.row(row++, () -> making.apply(record)));
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
