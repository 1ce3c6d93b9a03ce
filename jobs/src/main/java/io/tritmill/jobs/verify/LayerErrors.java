package io.tritmill.jobs.verify;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.format.PackedEntry;
import io.tritmill.jobs.format.PackedMetadata;
import io.tritmill.jobs.model.CheckpointSource;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.TransformedSource;
import io.tritmill.jobs.plan.Bands;
import io.tritmill.jobs.recipe.Transforms;
import io.tritmill.jobs.report.ReportTable;
import io.tritmill.jobs.report.Reports;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.verify.DeriveBand.Band;
import io.tritmill.jobs.verify.DeriveBand.Derived;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;

/** Derives the errors of packed layers a second way, and holds them against the report. */
final class LayerErrors {
  /** Sums of the same numbers in the same order: only the reader differs. */
  private static final double TOLERANCE = 1e-9;

  private final JavaSparkContext spark;
  private final Storage storage;
  private final RunDirectory run;

  LayerErrors(JavaSparkContext spark, Storage storage, RunDirectory run) {
    this.spark = spark;
    this.storage = storage;
    this.run = run;
  }

  /**
   * Checks up to {@code count} layers.
   *
   * @param derived gets the layers that were derived
   * @param problems gets a sentence for each that differs from the report
   * @return how many there are
   */
  int check(
      Checkpoint original,
      int count,
      List<Verification.DerivedLayer> derived,
      List<String> problems) {
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
    Map<String, Double> reported =
        Reports.numbers(
            storage, run.reports(), ReportTable.LAYERS, "tensor_name", "weight_rel_err");
    derive(bands, transformed)
        .forEach(
            (name, relative) -> {
              derived.add(Verification.DerivedLayer.of(name, reported.get(name), relative));
              if (!agrees(relative, reported.get(name))) {
                problems.add(
                    "%s: relative error is %.9f by the packed file, the report says %s"
                        .formatted(name, relative, Verification.shown(reported.get(name))));
              }
            });
    return names.size();
  }

  /** Of a layer that is zero and stays so there is no relative error, and none in the report. */
  private static boolean agrees(double derived, Double reported) {
    return Double.isNaN(derived)
        ? reported == null || reported == 0
        : reported != null && Math.abs(derived - reported) <= TOLERANCE * Math.max(1, reported);
  }

  private static List<Band> bands(
      Checkpoint original, Checkpoint packed, String name, PackedEntry entry) {
    TensorInfo weights = original.tensor(name).orElseThrow();
    List<TensorInfo> stored = new ArrayList<>();
    entry.suffixes().forEach(suffix -> stored.add(part(packed, name + suffix)));
    List<Band> bands = new ArrayList<>();
    // The runs of planes that not all rows have cannot be cut at bytes: such a layer is one band.
    int step = entry.byRow() ? entry.rows() : Bands.rows(entry.columns());
    for (int first = 0; first < entry.rows(); first += step) {
      int rows = Math.min(step, entry.rows() - first);
      bands.add(new Band(weights, stored, entry, first, rows));
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

  private Map<String, Double> derive(List<Band> bands, ModelSource transformed) {
    List<Derived> derived = new ArrayList<>();
    Tasks.run(
        spark,
        "derive the errors of sampled layers",
        bands.stream().map(List::of).toList(),
        new DeriveBand(storage, transformed),
        derived::add);
    derived.sort(Comparator.comparing(Derived::tensor).thenComparing(Derived::firstRow));
    Map<String, double[]> sums = new TreeMap<>();
    for (Derived band : derived) {
      double[] sum = sums.computeIfAbsent(band.tensor(), name -> new double[2]);
      sum[0] += band.error();
      sum[1] += band.energy();
    }
    Map<String, Double> relative = new TreeMap<>();
    sums.forEach(
        (name, sum) -> relative.put(name, sum[1] == 0 ? Double.NaN : Math.sqrt(sum[0] / sum[1])));
    return relative;
  }
}
