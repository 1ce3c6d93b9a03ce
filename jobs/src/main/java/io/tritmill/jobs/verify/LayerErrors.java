package io.tritmill.jobs.verify;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.TensorInfo;
import io.tritmill.jobs.checkpoint.TensorReader;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.format.PackedEntry;
import io.tritmill.jobs.format.PackedMetadata;
import io.tritmill.jobs.model.CheckpointSource;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.ModelTensors;
import io.tritmill.jobs.model.TransformedSource;
import io.tritmill.jobs.plan.Bands;
import io.tritmill.jobs.recipe.Transforms;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.spark.Described;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.pack.FiveTrits;
import io.tritmill.kernels.quantize.Group;
import io.tritmill.kernels.quantize.PlaneLayout;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.udf.KernelCatalog;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Derives the errors of packed layers a second way: the bytes of the packed file and of the
 * checkpoint go through SQL functions, and what comes out is held against the report.
 */
final class LayerErrors {
  /** Sums of the same numbers in the same order: only the reader differs. */
  private static final double TOLERANCE = 1e-9;

  private static final StructType SCHEMA =
      new StructType()
          .add("tensor", DataTypes.StringType)
          .add("first_row", DataTypes.IntegerType)
          .add("rows", DataTypes.IntegerType)
          .add("columns", DataTypes.IntegerType)
          .add("planes", DataTypes.IntegerType)
          .add("scale_group", DataTypes.StringType)
          .add("tied", DataTypes.BooleanType)
          .add("dtype", DataTypes.StringType)
          .add("original", DataTypes.BinaryType)
          .add("trits", DataTypes.BinaryType)
          .add("scales", DataTypes.BinaryType)
          .add("counts", DataTypes.BinaryType);

  private static final String DERIVE =
      """
      SELECT tensor, first_row,
             trit.squared_error(weights, packed) AS error, trit.sum_of_squares(weights) AS energy
      FROM (SELECT tensor, first_row, trit.decode(original, dtype) AS weights,
                   CASE WHEN counts IS NULL
                     THEN trit.unpack_trits(trits, scales, rows, columns, planes, scale_group, tied)
                     ELSE trit.unpack_row_trits(
                       trits, scales, counts, rows, columns, planes, scale_group)
                   END AS packed
            FROM tritmill_bands)
      """;

  private final SparkSession session;
  private final Storage storage;
  private final RunDirectory run;

  LayerErrors(SparkSession session, Storage storage, RunDirectory run) {
    // A session of its own: what catalogs and views a caller's has is no concern of ours.
    this.session = session.newSession();
    this.session.conf().set("spark.sql.catalog.trit", KernelCatalog.class.getName());
    this.storage = storage;
    this.run = run;
  }

  /**
   * A band of one layer: where its bytes lie, and how they are laid out.
   *
   * @param counts the numbers of planes of its rows; null where they do not differ
   */
  private record Band(
      TensorInfo original,
      TensorInfo trits,
      TensorInfo scales,
      TensorInfo counts,
      PackedEntry entry,
      int firstRow,
      int rows)
      implements Serializable {}

  /**
   * Checks up to {@code count} layers.
   *
   * @param derived gets the names of the layers that were derived
   * @param problems gets a sentence for each that differs from the report
   */
  void check(Checkpoint original, int count, List<String> derived, List<String> problems) {
    Checkpoint packed = Checkpoint.open(storage, run.model());
    Map<String, PackedEntry> entries = new TreeMap<>();
    Transforms transforms = Transforms.NONE;
    for (String file : packed.files()) {
      entries.putAll(PackedMetadata.read(file, packed.metadata(file)));
      transforms = PackedMetadata.transforms(file, packed.metadata(file));
    }
    ModelSource transformed =
        transforms.none()
            ? null
            : TransformedSource.of(new CheckpointSource(storage, original), transforms);
    List<String> names = new ArrayList<>(entries.keySet());
    Collections.shuffle(names, new Random(run.runId().hashCode()));
    List<String> sample = names.subList(0, Math.min(count, names.size()));
    List<Band> bands = new ArrayList<>();
    for (String name : sample) {
      bands.addAll(bands(original, packed, name, entries.get(name)));
    }
    Map<String, Double> reported = reported();
    derive(bands, transformed)
        .forEach(
            (name, relative) -> {
              derived.add(name);
              double expected = reported.getOrDefault(name, Double.NaN);
              if (!(Math.abs(relative - expected) <= TOLERANCE * Math.max(1, expected))) {
                problems.add(
                    "%s: relative error is %.9f by the packed file, the report says %.9f"
                        .formatted(name, relative, expected));
              }
            });
  }

  private static List<Band> bands(
      Checkpoint original, Checkpoint packed, String name, PackedEntry entry) {
    TensorInfo weights = original.tensor(name).orElseThrow();
    TensorInfo trits = part(packed, name + PackedMetadata.TRITS);
    TensorInfo scales = part(packed, name + PackedMetadata.SCALES);
    TensorInfo counts = entry.byRow() ? part(packed, name + PackedMetadata.PLANES) : null;
    List<Band> bands = new ArrayList<>();
    // The runs of planes that not all rows have cannot be cut at bytes: such a layer is one band.
    int step = entry.byRow() ? entry.rows() : Bands.rows(entry.columns());
    for (int first = 0; first < entry.rows(); first += step) {
      int rows = Math.min(step, entry.rows() - first);
      bands.add(new Band(weights, trits, scales, counts, entry, first, rows));
    }
    return bands;
  }

  private static TensorInfo part(Checkpoint packed, String name) {
    return packed
        .tensor(name)
        .orElseThrow(
            () ->
                BadInputException.broken(
                    "%s: tensor %s is missing, but the metadata speaks of it",
                    packed.directory(), name));
  }

  private Map<String, Double> reported() {
    Map<String, Double> reported = new HashMap<>();
    Path layers = new Path(run.reports(), "layers");
    try (Described _ = Described.as(session, "read what the report says of errors")) {
      session
          .read()
          .parquet(layers.toString())
          .select("tensor_name", "weight_rel_err")
          .collectAsList()
          .forEach(
              row -> {
                if (!row.isNullAt(1)) {
                  reported.put(row.getString(0), row.getDouble(1));
                }
              });
    }
    return reported;
  }

  private Map<String, Double> derive(List<Band> bands, ModelSource transformed) {
    Storage files = storage;
    JavaRDD<Row> rows =
        JavaSparkContext.fromSparkContext(session.sparkContext())
            .parallelize(bands, Math.max(1, bands.size()))
            .map(band -> row(files, transformed, band));
    Dataset<Row> table = session.createDataFrame(rows, SCHEMA);
    table.createOrReplaceTempView("tritmill_bands");
    Map<String, double[]> sums = new TreeMap<>();
    try (Described _ = Described.as(session, "derive the errors of sampled layers")) {
      // Sorted here, since for ORDER BY every row would be derived twice: once to choose ranges.
      List<Row> derived = new ArrayList<>(session.sql(DERIVE).collectAsList());
      derived.sort(
          Comparator.<Row, String>comparing(row -> row.getString(0))
              .thenComparing(row -> row.getInt(1)));
      for (Row row : derived) {
        double[] sum = sums.computeIfAbsent(row.getString(0), name -> new double[2]);
        sum[0] += row.getDouble(2);
        sum[1] += row.getDouble(3);
      }
    } finally {
      session.catalog().dropTempView("tritmill_bands");
    }
    Map<String, Double> relative = new TreeMap<>();
    sums.forEach((name, sum) -> relative.put(name, sum[1] == 0 ? 0 : Math.sqrt(sum[0] / sum[1])));
    return relative;
  }

  private static Row row(Storage storage, ModelSource transformed, Band band) {
    PackedEntry entry = band.entry();
    PlaneLayout layout = entry.layout();
    long rowBytes = band.original().bytes() / entry.rows();
    boolean oneForAll = layout.group().kind() == Group.Kind.TENSOR;
    int scaleBytes = 2 * layout.scales(band.rows(), entry.columns());
    long scaleRow = 2L * layout.scales(1, entry.columns());
    try (TensorReader reader = new TensorReader(storage)) {
      return RowFactory.create(
          band.original().name(),
          band.firstRow(),
          band.rows(),
          entry.columns(),
          layout.planes(),
          layout.group().toString(),
          layout.tied(),
          transformed == null ? entry.dtype() : "F32",
          transformed == null
              ? reader.bytes(
                  band.original(),
                  band.firstRow() * rowBytes,
                  Math.toIntExact(band.rows() * rowBytes))
              : transformed(transformed, band),
          band.counts() == null ? trits(reader, band) : all(reader, band.trits()),
          reader.bytes(band.scales(), oneForAll ? 0 : band.firstRow() * scaleRow, scaleBytes),
          band.counts() == null ? null : all(reader, band.counts()));
    }
  }

  private static byte[] all(TensorReader reader, TensorInfo tensor) {
    return reader.bytes(tensor, 0, Math.toIntExact(tensor.bytes()));
  }

  /** The band's run of each plane. */
  private static byte[] trits(TensorReader reader, Band band) {
    PackedEntry entry = band.entry();
    long planeBytes = FiveTrits.bytes((long) entry.rows() * entry.columns());
    int bandPlane = Math.toIntExact(FiveTrits.bytes((long) band.rows() * entry.columns()));
    long firstByte = (long) band.firstRow() * entry.columns() / FiveTrits.PER_BYTE;
    byte[] trits = new byte[entry.layout().planes() * bandPlane];
    for (int plane = 0; plane < entry.layout().planes(); plane++) {
      reader.read(
          band.trits(), plane * planeBytes + firstByte, trits, plane * bandPlane, bandPlane);
    }
    return trits;
  }

  /** The weights of a band of a transformed model, as a file would hold them in F32. */
  private static byte[] transformed(ModelSource source, Band band) {
    TensorSpec spec =
        source.specs().stream()
            .filter(one -> one.name().equals(band.original().name()))
            .findFirst()
            .orElseThrow();
    float[] values = new float[band.rows() * band.entry().columns()];
    try (ModelTensors tensors = source.open()) {
      tensors.rows(spec, band.firstRow(), band.rows(), values);
    }
    byte[] bytes = new byte[4 * values.length];
    DType.F32.encode(values, 0, bytes, 0, values.length);
    return bytes;
  }
}
