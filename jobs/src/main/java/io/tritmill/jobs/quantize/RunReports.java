package io.tritmill.jobs.quantize;

import io.tritmill.jobs.calibrate.stream.HiddenError;
import io.tritmill.jobs.plan.Fate;
import io.tritmill.jobs.plan.LayerShard;
import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.plan.PlannedTensor;
import io.tritmill.jobs.report.BlockMetrics;
import io.tritmill.jobs.report.LayerMetrics;
import io.tritmill.jobs.report.ReportTable;
import io.tritmill.jobs.report.Reports;
import io.tritmill.jobs.report.RunKey;
import io.tritmill.jobs.report.RunMetrics;
import io.tritmill.jobs.run.Release;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.spark.ProcessMemory;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.code.Levels;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.code.ScaleStatistics;
import io.tritmill.kernels.code.TritCounts;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.quantize.OutputError;
import io.tritmill.kernels.quantize.ReconstructionError;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;

/** Turns what bands reported into the tables of a run. */
final class RunReports {
  private static final double NANOS_PER_MILLI = 1e6;

  private final RunDirectory run;
  private final Plan plan;
  private final Map<Integer, BlockResult> blocks;
  private final Map<String, List<BandResult>> bands = new HashMap<>();
  private final Map<String, String> tensorSha256;

  RunReports(
      RunDirectory run,
      Plan plan,
      Map<String, BandResult> results,
      Map<Integer, BlockResult> blocks,
      Map<String, String> tensorSha256) {
    this.run = run;
    this.plan = plan;
    this.blocks = blocks;
    this.tensorSha256 = tensorSha256;
    for (LayerShard shard : plan.shards()) {
      bands
          .computeIfAbsent(shard.tensor().name(), name -> new ArrayList<>())
          .add(results.get(shard.key()));
    }
  }

  /** What names a run in every table. */
  static RunKey key(RunDirectory run, Plan plan) {
    return new RunKey(run.runId(), plan.recipeSha256(), plan.model(), plan.modelSha256());
  }

  /** Writes layers, blocks and runs. */
  void write(SparkSession session, Storage storage, Assembly.Timing timing) {
    RunKey key = key(run, plan);
    List<LayerMetrics> layers = plan.tensors().stream().map(tensor -> layer(key, tensor)).toList();
    Reports.write(storage, run.reports(), ReportTable.LAYERS, layers);
    Reports.write(storage, run.reports(), ReportTable.BLOCKS, blocks(key, layers));
    Reports.write(storage, run.reports(), ReportTable.EVAL, List.of());
    Reports.write(storage, run.reports(), ReportTable.RUNS, List.of(runs(session, key, timing)));
  }

  private LayerMetrics layer(RunKey key, PlannedTensor planned) {
    List<BandResult> parts = bands.getOrDefault(planned.tensor().name(), List.of());
    return new LayerMetrics(
        key, tensor(planned), outcome(planned, parts), error(parts), trits(parts), work(parts));
  }

  private static LayerMetrics.Tensor tensor(PlannedTensor planned) {
    var tensor = planned.tensor();
    return new LayerMetrics.Tensor(
        tensor.name(),
        planned.spec() == null ? "" : planned.spec().ggufName(),
        planned.spec() == null ? "unknown" : planned.spec().part(),
        planned.block() < 0 ? Optional.empty() : Optional.of(planned.block()),
        expert(planned),
        tensor.shape(),
        tensor.rows(),
        tensor.columns(),
        tensor.elements(),
        tensor.dtype(),
        tensor.storedBytes());
  }

  private static Optional<Integer> expert(PlannedTensor planned) {
    return Optional.ofNullable(planned.module())
        .map(Module::site)
        .filter(Site::routed)
        .map(Site::expert);
  }

  private LayerMetrics.Outcome outcome(PlannedTensor planned, List<BandResult> parts) {
    Optional<String> remedy =
        parts.stream().map(BandResult::remedy).filter(Objects::nonNull).findFirst();
    Levels levels = planned.kept() ? null : planned.quantizer().levels();
    return new LayerMetrics.Outcome(
        planned.method(),
        levels instanceof PlaneLayout layout ? layout.planes() : 0,
        Optional.ofNullable(levels).map(of -> of.group().width(planned.columns())),
        levels == null ? planned.tensor().dtype() : levels.codeType(),
        planned.bytesOut(),
        planned.bitsPerWeight(),
        planned.fallback() || remedy.isPresent() ? "fallback" : status(planned.fate()),
        remedy.or(() -> Optional.ofNullable(planned.reason())).or(() -> unchanged(parts)),
        tensorSha256.getOrDefault(planned.tensor().name(), ""));
  }

  private static String status(Fate fate) {
    return fate == Fate.COMPRESSED ? "ok" : fate.word();
  }

  /** What is said of a layer that loses nothing, as one that was trained to be ternary. */
  private static Optional<String> unchanged(List<BandResult> parts) {
    if (parts.isEmpty() || parts.getFirst().error() == null) {
      return Optional.empty();
    }
    ReconstructionError error =
        parts.stream().map(BandResult::error).reduce(ReconstructionError::plus).orElseThrow();
    return error.squaredError() == 0 && error.squaredWeight() > 0
        ? Optional.of("no weight is changed: every one is what its trits and scales make")
        : Optional.empty();
  }

  private static LayerMetrics.Error error(List<BandResult> parts) {
    if (parts.isEmpty() || parts.getFirst().error() == null) {
      return LayerMetrics.Error.NONE;
    }
    ReconstructionError error =
        parts.stream().map(BandResult::error).reduce(ReconstructionError::plus).orElseThrow();
    if (parts.getFirst().calibration() == null) {
      return LayerMetrics.Error.ofWeights(error.mse(), relative(error), sqnrDb(error), Double.NaN);
    }
    CalibrationError learned =
        parts.stream().map(BandResult::calibration).reduce(CalibrationError::plus).orElseThrow();
    return new LayerMetrics.Error(
        error.mse(),
        relative(error),
        sqnrDb(error),
        learned.report().calibration().squaredError()
            / parts.stream().mapToInt(BandResult::rows).sum(),
        relative(learned.report().calibration()),
        Double.NaN,
        Optional.of(learned.tokens()),
        learned.report().damping(),
        Optional.of(learned.report().deadColumns()),
        relative(learned.report().heldOut()),
        learned.report().correction());
  }

  /** Of weights that are all zero nothing is a share. */
  static double relative(ReconstructionError error) {
    return error.squaredWeight() == 0 ? Double.NaN : error.relative();
  }

  private static double sqnrDb(ReconstructionError error) {
    return error.squaredWeight() == 0 ? Double.NaN : error.sqnrDb();
  }

  /** Of outputs that are all zero, or were not summed, nothing is a share. */
  static double relative(OutputError error) {
    return error.squaredOutput() == 0 ? Double.NaN : error.relative();
  }

  private static LayerMetrics.Trits trits(List<BandResult> parts) {
    if (parts.isEmpty() || parts.getFirst().scales() == null) {
      return LayerMetrics.Trits.NONE;
    }
    ScaleStatistics scales =
        parts.stream().map(BandResult::scales).reduce(ScaleStatistics::plus).orElseThrow();
    int planes = parts.getFirst().planes().size();
    if (planes == 0) {
      return LayerMetrics.Trits.ofScales(scales.min(), (float) scales.mean(), scales.max());
    }
    long[][] counts = new long[planes][];
    for (int plane = 0; plane < planes; plane++) {
      int p = plane;
      TritCounts all =
          parts.stream().map(part -> part.planes().get(p)).reduce(TritCounts::plus).orElseThrow();
      counts[plane] = new long[] {all.negative(), all.zero(), all.positive()};
    }
    return LayerMetrics.Trits.ofCounts(counts, scales.min(), (float) scales.mean(), scales.max());
  }

  private static LayerMetrics.Work work(List<BandResult> parts) {
    if (parts.isEmpty()) {
      return LayerMetrics.Work.NONE;
    }
    long read = 0;
    long compute = 0;
    long write = 0;
    String executor = "";
    long attempt = -1;
    long finished = 0;
    int vectorBits = 0;
    long peak = 0;
    for (BandResult part : parts) {
      read += part.readNanos();
      compute += part.computeNanos();
      write += part.writeNanos();
      peak = Math.max(peak, part.peakResidentBytes());
      if (part.finishedAt() >= finished) {
        finished = part.finishedAt();
        executor = part.executor();
        vectorBits = part.vectorBits();
        attempt = part.taskAttempt();
      }
    }
    return new LayerMetrics.Work(
        Optional.of(Math.round(read / NANOS_PER_MILLI)),
        Optional.of(Math.round(compute / NANOS_PER_MILLI)),
        Optional.of(Math.round(write / NANOS_PER_MILLI)),
        Optional.empty(),
        Optional.of(vectorBits),
        Optional.of(executor),
        Optional.of(attempt),
        Optional.of(Instant.ofEpochMilli(finished)),
        told(peak));
  }

  /** What the operating system tells, which is never 0. */
  private static Optional<Long> told(long bytes) {
    return bytes == 0 ? Optional.empty() : Optional.of(bytes);
  }

  /** Where no stream was compressed a block has no hidden states to compare, only its times. */
  private List<BlockMetrics> blocks(RunKey key, List<LayerMetrics> layers) {
    Map<Integer, Long> millis = new TreeMap<>();
    for (LayerMetrics layer : layers) {
      long work = layer.work().millis();
      layer.tensor().layerIndex().ifPresent(block -> millis.merge(block, work, Long::sum));
    }
    List<BlockMetrics> rows = new ArrayList<>();
    millis.forEach((block, ms) -> rows.add(block(key, block, ms)));
    return rows;
  }

  private BlockMetrics block(RunKey key, int block, long taskMillis) {
    BlockResult known = blocks.get(block);
    if (known == null) {
      return new BlockMetrics(
          key, block, Double.NaN, Double.NaN, Optional.empty(), taskMillis, Optional.empty());
    }
    HiddenError error = known.hidden();
    return new BlockMetrics(
        key,
        block,
        error == null ? Double.NaN : error.relative(),
        error == null ? Double.NaN : error.cosine(),
        Optional.ofNullable(error).map(HiddenError::tokens),
        Math.round(known.wallNanos() / NANOS_PER_MILLI),
        Optional.of(Math.round(known.calibrateNanos() / NANOS_PER_MILLI)));
  }

  private RunMetrics runs(SparkSession session, RunKey key, Assembly.Timing timing) {
    var spark = session.sparkContext();
    double coreSeconds =
        bands.values().stream()
                .flatMap(List::stream)
                .mapToLong(b -> b.readNanos() + b.computeNanos() + b.writeNanos())
                .sum()
            / 1e9;
    int executors = Math.max(1, spark.statusTracker().getExecutorInfos().length - 1);
    return new RunMetrics(
        key,
        spark.applicationId(),
        Release.version(),
        Optional.empty(),
        spark.version(),
        System.getProperty("java.version"),
        spark.master(),
        "complete",
        Optional.empty(),
        Instant.ofEpochMilli(timing.startedAt()),
        Instant.now(),
        executors,
        spark.defaultParallelism(),
        Math.toIntExact(
            plan.fallbacks() + Learning.remedies(bands.values().stream().flatMap(List::stream))),
        timing.resumed(),
        plan.parameters(),
        plan.bytesIn(),
        plan.bytesOut(),
        plan.layers().isEmpty() ? Double.NaN : plan.bitsPerWeight(),
        plan.bitsPerWeightOfModel(),
        Double.NaN,
        Double.NaN,
        coreSeconds,
        Tasks.bytesRead(spark) - timing.readBefore(),
        told(
            bands.values().stream()
                .flatMap(List::stream)
                .mapToLong(BandResult::peakResidentBytes)
                .max()
                .orElse(0)),
        told(ProcessMemory.peakResidentBytes()));
  }
}
