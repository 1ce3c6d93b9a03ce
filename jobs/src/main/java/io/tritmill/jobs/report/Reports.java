package io.tritmill.jobs.report;

import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.storage.StoredInputFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.MessageType;

/**
 * Writes the Parquet tables of a run, and reads what was written.
 *
 * <p>The driver does so itself: Spark's writer goes by directories and renames, which object stores
 * do not have, and its SQL engine takes seconds to start.
 */
public final class Reports {
  /** As Spark would call a table's files. */
  private static final String FILE = "part-%05d.parquet";

  /** Where Spark looks for a schema with what Parquet's own has no room for. */
  private static final String SPARK_SCHEMA = "org.apache.spark.sql.parquet.row.metadata";

  private Reports() {}

  /**
   * Writes a table whole, in the place of what it held, as one file in a directory of its name: the
   * file is there whole or not at all.
   *
   * @param directory the run's reports
   * @param rows records of the table, in the order in which they are to be read
   */
  public static void write(
      Storage storage, Path directory, ReportTable table, List<? extends Record> rows) {
    writePart(storage, directory, table, 0, rows);
    storage.list(new Path(directory, table.tableName())).stream()
        .filter(other -> !other.getPath().getName().equals(FILE.formatted(0)))
        .forEach(other -> storage.delete(other.getPath()));
  }

  /**
   * Writes a part of a table in the place of what it held, and leaves its other parts: the file is
   * there whole or not at all.
   *
   * @param part number of the part, from 0 on
   */
  public static void writePart(
      Storage storage, Path directory, ReportTable table, int part, List<? extends Record> rows) {
    Path folder = new Path(directory, table.tableName());
    storage.publish(new Path(folder, FILE.formatted(part)), content(table, rows));
  }

  /**
   * Numbers of a table by a name; a row whose number is null is left out.
   *
   * @param directory the run's reports
   * @param name column of strings
   * @param number column of doubles
   */
  public static Map<String, Double> numbers(
      Storage storage, Path directory, ReportTable table, String name, String number) {
    Map<String, Double> numbers = new HashMap<>();
    for (FileStatus file : storage.list(new Path(directory, table.tableName()))) {
      if (file.getPath().getName().endsWith(".parquet")) {
        StoredInputFile input = new StoredInputFile(storage, file.getPath(), file.getLen());
        for (Group row : ParquetRows.read(input, List.of(name, number))) {
          if (row.getFieldRepetitionCount(number) > 0) {
            numbers.put(row.getString(name, 0), row.getDouble(number, 0));
          }
        }
      }
    }
    return numbers;
  }

  private static byte[] content(ReportTable table, List<? extends Record> rows) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    MessageType columns = ParquetRows.columns(table.schema());
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new MemoryOutputFile(bytes))
            .withType(columns)
            .withExtraMetaData(Map.of(SPARK_SCHEMA, table.schema().json()))
            .withCompressionCodec(CompressionCodecName.SNAPPY)
            .build()) {
      for (Record row : rows) {
        writer.write(ParquetRows.row(columns, table.values(row)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
