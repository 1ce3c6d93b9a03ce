package io.tritmill.jobs.report;

import io.tritmill.jobs.spark.Described;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

/** Writes the Parquet tables of a run. */
public final class Reports {
  private Reports() {}

  /**
   * Writes a table whole, in the place of what it held, as one file in a directory of its name.
   *
   * @param directory the run's reports
   * @param rows records of the table, in the order in which they are to be read
   */
  public static void write(
      SparkSession spark, Path directory, ReportTable table, List<? extends Record> rows) {
    List<Row> converted = rows.stream().map(table::row).toList();
    // A session of its own: how timestamps are stored is none of the caller's settings.
    SparkSession session = spark.newSession();
    session.conf().set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS");
    try (Described _ = Described.as(spark, "write report " + table.tableName())) {
      session
          .createDataFrame(converted, table.schema())
          .coalesce(1)
          .write()
          .mode(SaveMode.Overwrite)
          // The run has a success mark of its own, and a manifest that lists every file.
          .option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
          .parquet(new Path(directory, table.tableName()).toString());
    }
  }
}
