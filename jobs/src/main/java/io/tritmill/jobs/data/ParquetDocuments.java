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

/** The rows of a Parquet file; one column of one row group is in memory at a time. */
final class ParquetDocuments implements DocumentReader {
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
  private final ParquetColumn column;
  private final MessageColumnIO columnIo;
  private final Optional<ParquetColumn> mask;
  private RecordReader<Group> records;
  private int group;
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
    String maskName = AttentionMask.of(name);
    boolean masked = !maskName.equals(name) && schema.containsField(maskName);
    mask = masked ? Optional.of(mask(file, schema.getType(maskName))) : Optional.empty();
    projection =
        masked
            ? new MessageType(schema.getName(), field, schema.getType(maskName))
            : new MessageType(schema.getName(), field);
    columnIo = new ColumnIOFactory().getColumnIO(projection, schema);
    reader.setRequestedSchema(projection);
    requireReadableChunks(file, length);
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
              } catch (RuntimeException | StackOverflowError e) {
                reader.close();
                throw e;
              }
            });
  }

  private static ParquetColumn mask(Path file, Type field) {
    return ParquetColumn.mask(field)
        .orElseThrow(
            () ->
                Columns.noMask(
                    file, field.getName(), field.toString().lines().findFirst().orElseThrow()));
  }

  /** Column chunks are read whole, so what the footer says of them is held against the file. */
  private void requireReadableChunks(Path file, long length) {
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
              file, name, size, start, length);
        }
        if (!CODECS.contains(chunk.getCodec())) {
          throw BadInputException.unsupported(
              "%s: column %s is compressed with %s, expected none, snappy, gzip, zstd or lz4; write"
                  + " it again with one of these",
              file, name, chunk.getCodec());
        }
      }
    }
  }

  @Override
  public Optional<Document> next() {
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
          return Optional.of(file.document(row++, () -> document(record)));
        });
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
    try {
      reader.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
