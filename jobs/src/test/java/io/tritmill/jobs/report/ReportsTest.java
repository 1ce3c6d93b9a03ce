package io.tritmill.jobs.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@ExtendWith(SharedSpark.class)
class ReportsTest {
  private static final RunKey RUN = new RunKey("run-1", "ab12", "file:/models/m", "cd34");
  private static final Storage STORAGE = new Storage(new Configuration());
  private static final Instant FINISHED = Instant.parse("2026-02-03T04:05:06.789123Z");

  private static final LayerMetrics LAYER =
      new LayerMetrics(
          RUN,
          new LayerMetrics.Tensor(
              "model.layers.3.mlp.up_proj.weight",
              "blk.3.ffn_up.weight",
              "up",
              Optional.of(3),
              Optional.empty(),
              List.of(256L, 96L),
              256,
              96,
              24576,
              "BF16",
              49152),
          new LayerMetrics.Outcome(
              "ptqtp",
              2,
              Optional.of(128),
              "trits",
              10856,
              3.5338541666666665,
              "ok",
              Optional.empty(),
              "ef56"),
          LayerMetrics.Error.ofWeights(1e-4, 0.18, 14.9, 0.984),
          LayerMetrics.Trits.ofCounts(new long[][] {{1, 2, 1}, {0, 4, 0}}, 0.001f, 0.002f, 0.003f),
          new LayerMetrics.Work(
              Optional.of(1L),
              Optional.of(2L),
              Optional.of(3L),
              Optional.empty(),
              Optional.of(512),
              Optional.of("driver"),
              Optional.of(17L),
              Optional.of(FINISHED),
              Optional.of(1L << 30)));

  @TempDir private static java.nio.file.Path directory;

  private final SparkSession spark = SharedSpark.session();

  @Test
  void columnsAreThoseThatWerePromised() throws IOException {
    List<String> promised;
    try (var in = ReportsTest.class.getResourceAsStream("columns.txt")) {
      promised =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.startsWith("#"))
              .toList();
    }
    List<String> found =
        Arrays.stream(ReportTable.values())
            .flatMap(
                table ->
                    Stream.of(table.schema().fields())
                        .map(field -> table.tableName() + " " + described(field)))
            .toList();
    assertEquals(String.join("\n", promised), String.join("\n", found));
  }

  private static String described(StructField field) {
    return field.name() + " " + field.dataType().catalogString() + (field.nullable() ? "?" : "");
  }

  @Test
  void layersComeBackAsTheyWereWritten() {
    LayerMetrics kept =
        new LayerMetrics(
            RUN,
            LAYER.tensor(),
            new LayerMetrics.Outcome(
                "keep",
                0,
                Optional.empty(),
                "BF16",
                49152,
                16,
                "fallback",
                Optional.of("dtype"),
                "0"),
            LayerMetrics.Error.NONE,
            LayerMetrics.Trits.NONE,
            LayerMetrics.Work.NONE);
    List<Row> rows = roundTrip(ReportTable.LAYERS, List.of(LAYER, kept));
    assertEquals(2, rows.size());
    Row row = rows.get(0);
    assertEquals("run-1", row.getAs("run_id"));
    assertEquals("model.layers.3.mlp.up_proj.weight", row.getAs("tensor_name"));
    assertEquals(3, row.<Integer>getAs("layer_index"));
    assertTrue(row.isNullAt(row.fieldIndex("expert_index")));
    assertTrue(row.isNullAt(row.fieldIndex("fallback_reason")));
    assertTrue(row.isNullAt(row.fieldIndex("output_rel_err")));
    assertEquals(List.of(256L, 96L), row.getList(row.fieldIndex("shape")));
    assertEquals(0.18, row.<Double>getAs("weight_rel_err"));
    assertEquals(0.002f, row.<Float>getAs("scale_mean"));
    assertEquals(0.125, row.<Double>getAs("frac_neg"));
    assertEquals(0.75, row.<Double>getAs("frac_zero"));
    assertEquals(0.125, row.<Double>getAs("frac_pos"));
    assertEquals(0.75, row.<Double>getAs("trit_entropy_bits"), 1e-15);
    assertEquals(List.of(0.25, 0.0), row.getList(row.fieldIndex("plane_frac_neg")));
    assertEquals(List.of(0.5, 1.0), row.getList(row.fieldIndex("plane_frac_zero")));
    assertEquals(FINISHED, row.getTimestamp(row.fieldIndex("finished_at")).toInstant());
    assertEquals("dtype", rows.get(1).getAs("fallback_reason"));
    for (String none :
        List.of("group_size", "calib_tokens", "dead_cols", "read_ms", "finished_at")) {
      assertTrue(rows.get(1).isNullAt(row.fieldIndex(none)), none);
    }
    assertTrue(rows.get(1).isNullAt(row.fieldIndex("scale_mean")));
    assertEquals(List.of(), rows.get(1).getList(row.fieldIndex("plane_frac_pos")));
    // Of both rows, one has an error.
    assertEquals(
        Map.of("model.layers.3.mlp.up_proj.weight", 0.18),
        Reports.numbers(STORAGE, reports(), ReportTable.LAYERS, "tensor_name", "weight_rel_err"));
  }

  @Test
  void everyOtherTableComesBack() {
    BlockMetrics block =
        new BlockMetrics(RUN, 2, 0.1, Double.NaN, Optional.of(1024L), 77, Optional.of(60L));
    Row blocks = roundTrip(ReportTable.BLOCKS, List.of(block)).getFirst();
    assertEquals(2, blocks.<Integer>getAs("layer_index"));
    assertTrue(blocks.isNullAt(blocks.fieldIndex("hidden_cosine")));

    EvalMetrics metrics =
        new EvalMetrics(
            RUN,
            "compressed",
            "perplexity",
            "1",
            "documents",
            "8547bd748864a119",
            "",
            "none",
            "perplexity",
            "first",
            false,
            130.98,
            Double.NaN,
            61.15,
            69.83,
            114.2,
            Optional.empty(),
            256,
            128,
            28107,
            Optional.empty(),
            900);
    Row eval = roundTrip(ReportTable.EVAL, List.of(metrics)).getFirst();
    assertEquals(130.98, eval.<Double>getAs("value"));
    assertTrue(eval.isNullAt(eval.fieldIndex("stderr")));
    assertEquals(false, eval.<Boolean>getAs("higher_is_better"));

    Row runs = roundTrip(ReportTable.RUNS, List.of(runMetrics())).getFirst();
    assertEquals(3.45, runs.<Double>getAs("bits_per_weight"));
    assertTrue(runs.isNullAt(runs.fieldIndex("error_class")));
    assertTrue(runs.isNullAt(runs.fieldIndex("ppl")));
  }

  private static RunMetrics runMetrics() {
    return new RunMetrics(
        RUN,
        "local-1",
        "0.1.0",
        Optional.empty(),
        "4.2.0",
        "25",
        "local[2]",
        "complete",
        Optional.empty(),
        FINISHED.minusSeconds(5),
        FINISHED,
        1,
        2,
        0,
        0,
        5_800_000,
        11_600_000,
        4_000_000,
        3.45,
        5.6,
        Double.NaN,
        Double.NaN,
        9.5,
        11_600_000,
        Optional.of(1L << 30),
        Optional.of(1L << 29));
  }

  @Test
  void anEmptyTableHasItsColumns() {
    assertEquals(List.of(), roundTrip(ReportTable.BLOCKS, List.of()));
    assertEquals(
        List.of(ReportTable.BLOCKS.schema().fieldNames()),
        List.of(read(ReportTable.BLOCKS).schema().fieldNames()));
  }

  @Test
  void theFileSaysItsSchemaVersion() throws IOException {
    roundTrip(ReportTable.RUNS, List.of(runMetrics()));
    assertEquals(
        ReportTable.SCHEMA_VERSION,
        read(ReportTable.RUNS)
            .schema()
            .apply("run_id")
            .metadata()
            .getLong(ReportTable.SCHEMA_VERSION_KEY));
    List<java.nio.file.Path> files = parquetFiles(ReportTable.RUNS);
    assertEquals(1, files.size());
    try (ParquetFileReader reader =
        ParquetFileReader.open(
            HadoopInputFile.fromPath(new Path(files.getFirst().toUri()), new Configuration()))) {
      var metadata = reader.getFileMetaData();
      assertTrue(
          metadata.getKeyValueMetaData().values().stream()
              .anyMatch(value -> value.contains("\"tritmill.schema_version\":2")));
      assertTrue(
          metadata.getSchema().getType("started_at").toString().contains("TIMESTAMP(MICROS"));
    }
  }

  @Test
  void aDirectoryHoldsNothingButItsTable() throws IOException {
    roundTrip(ReportTable.RUNS, List.of(runMetrics()));
    // What Spark's writer, or another release, left there.
    java.nio.file.Path runs = directory.resolve("reports/runs");
    Files.createDirectories(runs.resolve("_temporary/0"));
    Files.copy(
        parquetFiles(ReportTable.RUNS).getFirst(), runs.resolve("part-0-c000.snappy.parquet"));

    assertEquals(1, roundTrip(ReportTable.RUNS, List.of(runMetrics())).size());

    try (Stream<java.nio.file.Path> files = Files.list(runs)) {
      assertEquals(List.of(runs.resolve("part-00000.parquet")), files.toList());
    }
  }

  @Test
  void refusesARecordOfAnotherTable() {
    assertThrows(IllegalArgumentException.class, () -> ReportTable.BLOCKS.values(LAYER));
    assertThrows(IllegalArgumentException.class, () -> ReportTable.RUNS.values(RUN));
  }

  private List<Row> roundTrip(ReportTable table, List<? extends Record> rows) {
    Reports.write(STORAGE, reports(), table, rows);
    return read(table).collectAsList();
  }

  private static Path reports() {
    return new Path(directory.resolve("reports").toUri());
  }

  private org.apache.spark.sql.Dataset<Row> read(ReportTable table) {
    return spark
        .read()
        .parquet(directory.resolve("reports/" + table.tableName()).toUri().toString());
  }

  private static List<java.nio.file.Path> parquetFiles(ReportTable table) {
    try (Stream<java.nio.file.Path> files =
        Files.list(directory.resolve("reports/" + table.tableName()))) {
      return files.filter(file -> file.toString().endsWith(".parquet")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
