package io.tritmill.jobs.quantize;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.Companion;
import io.tritmill.jobs.checkpoint.KnownQuantization;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.format.ModelLayout;
import io.tritmill.jobs.format.OutputFile;
import io.tritmill.jobs.gate.RunGate;
import io.tritmill.jobs.plan.LayerShard;
import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.plan.PlannedTensor;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.jobs.run.Manifest;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.run.RunLock;
import io.tritmill.jobs.run.RunSummary;
import io.tritmill.jobs.run.SealedRun;
import io.tritmill.jobs.run.TensorTotals;
import io.tritmill.jobs.run.WorstLayers;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Checksums;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.storage.StrictJson;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.verify.Verification;
import io.tritmill.jobs.verify.Verifier;
import io.tritmill.kernels.quantize.ReconstructionError;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** Turns accepted parts into a complete run: model, reports, summary, manifest, success mark. */
final class Assembly {
  private static final int SAMPLED_LAYERS = 3;

  private final SparkSession session;
  private final Storage storage;
  private final RunDirectory run;
  private final RunLock lock;
  private final RunGate gate;
  private final PrintStream progress;

  /**
   * @param progress gets a line for each step
   */
  Assembly(
      SparkSession session,
      Storage storage,
      RunDirectory run,
      RunLock lock,
      RunGate gate,
      PrintStream progress) {
    this.progress = progress;
    this.session = session;
    this.storage = storage;
    this.run = run;
    this.lock = lock;
    this.gate = gate;
  }

  /**
   * When the run began.
   *
   * @param beginNanos by the monotonic clock
   * @param startedAt milliseconds since 1970
   * @param resumed bands that an earlier attempt had done
   * @param readBefore bytes that tasks of the application had read by then
   */
  record Timing(long beginNanos, long startedAt, int resumed, long readBefore) {
    double seconds() {
      return (System.nanoTime() - beginNanos) / 1e9;
    }
  }

  void assemble(
      Checkpoint checkpoint,
      Plan plan,
      Recipe recipe,
      Map<String, BandResult> results,
      Map<Integer, BlockResult> blocks,
      Timing timing) {
    progress.println("assembling the model and its reports");
    storage.delete(run.success());
    // A manifest says that the model stands: it goes before the model does.
    storage.delete(run.manifest());
    storage.delete(run.model());
    storage.delete(run.reports());
    List<AssembleFile.Written> files = writeModel(plan, results);
    copyCompanions(checkpoint);
    new RunReports(run, plan, results, blocks, tensorChecksums(plan, files))
        .write(session, storage, timing);
    gate.enter(summary(plan, results, timing), recipe);
    complete(
        plan.model(), plan.modelSha256(), files.stream().map(AssembleFile.Written::entry).toList());
  }

  /**
   * Completes a run again whose model and manifest stand but whose mark is missing: an evaluation,
   * or the last step of this class, was cut short. What was measured is dropped, since nobody knows
   * how much of it was entered.
   */
  void completeAgain() {
    SealedRun before = unsealed();
    storage.delete(run.evaluations());
    gate.enter(before.summary().withoutEvaluation(), gate.recipe());
    Manifest manifest = before.manifest();
    complete(manifest.model(), manifest.modelSha256(), manifest.beforeEvaluation(run));
  }

  private SealedRun unsealed() {
    try {
      return SealedRun.open(storage, run);
    } catch (BadInputException e) {
      // Run again, the command shall write anew, not find the same files changed.
      storage.delete(run.manifest());
      throw new BadInputException(
          ExitCode.VERIFICATION_FAILED, "%s; run the command again".formatted(e.getMessage()), e);
    }
  }

  private List<AssembleFile.Written> writeModel(Plan plan, Map<String, BandResult> results) {
    List<OutputFile> files =
        ModelLayout.files(
            plan.tensors(),
            plan.transforms(),
            plan.shards(),
            shard -> new Path(run.parts(), results.get(shard.key()).part()).toString());
    List<AssembleFile.Written> written = new ArrayList<>();
    Tasks.run(
        JavaSparkContext.fromSparkContext(session.sparkContext()),
        "assemble %d model files".formatted(files.size()),
        files.stream()
            .sorted(Comparator.comparingLong(file -> -file.bytes()))
            .map(List::of)
            .toList(),
        new AssembleFile(storage, run),
        written::add);
    ModelLayout.index(files)
        .ifPresent(
            index -> storage.publish(new Path(run.model(), "model.safetensors.index.json"), index));
    return written;
  }

  /** A packed tensor's checksum is that of the checksums of the tensors that hold it. */
  private static Map<String, String> tensorChecksums(Plan plan, List<AssembleFile.Written> files) {
    Map<String, String> stored = new HashMap<>();
    files.forEach(file -> stored.putAll(file.tensorSha256()));
    Map<String, String> checksums = new HashMap<>();
    for (PlannedTensor tensor : plan.tensors()) {
      String name = tensor.tensor().name();
      String checksum =
          tensor.kept()
              ? kept(tensor.tensor(), stored)
              : Checksums.sha256(
                  tensor.quantizer().levels().pieces(tensor.rows(), tensor.columns()).stream()
                      .map(piece -> stored.get(name + piece.suffix()))
                      .collect(Collectors.joining())
                      .getBytes(StandardCharsets.US_ASCII));
      checksums.put(name, checksum);
    }
    return checksums;
  }

  /** Of a tensor in several parts, or of one that is a part of another, that of all of these. */
  private static String kept(TensorInfo tensor, Map<String, String> stored) {
    List<TensorInfo> parts = tensor.parts().isEmpty() ? List.of(tensor) : tensor.parts();
    String checksums =
        parts.stream().map(part -> stored.get(part.name())).collect(Collectors.joining());
    return parts.size() == 1
        ? checksums
        : Checksums.sha256(checksums.getBytes(StandardCharsets.US_ASCII));
  }

  /** Copies configuration and tokenizer; config.json says that the weights are packed. */
  private void copyCompanions(Checkpoint checkpoint) {
    for (Companion companion : checkpoint.companions()) {
      byte[] content = companion.read(storage);
      if (companion.name().equals("config.json")) {
        Map<String, Object> config = StrictJson.object(companion.name(), content);
        Object source = config.get("quantization_config");
        Map<String, Object> ours = new LinkedHashMap<>(Map.of("quant_method", "tritmill"));
        if (KnownQuantization.is(source)) {
          ours.put(KnownQuantization.SOURCE, source);
        }
        config.put("quantization_config", ours);
        content = StrictJson.document(config);
      }
      storage.publish(new Path(run.model(), companion.name()), content);
    }
  }

  private RunSummary summary(Plan plan, Map<String, BandResult> results, Timing timing) {
    Double relativeError =
        plan.shards().stream()
            .map(shard -> results.get(shard.key()).error())
            .filter(Objects::nonNull)
            .reduce(ReconstructionError::plus)
            .map(RunReports::relative)
            .filter(error -> !error.isNaN())
            .orElse(null);
    return new RunSummary(
        run.runId(),
        "complete",
        plan.model(),
        plan.recipeName(),
        plan.recipeSha256(),
        plan.parameters(),
        plan.bytesIn(),
        plan.bytesOut(),
        totals(plan),
        plan.layers().isEmpty() ? null : Double.valueOf(plan.bitsPerWeight()),
        plan.bitsPerWeightOfModel(),
        relativeError,
        worstLayers(plan, results),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        timing.seconds(),
        plan.fallbacks() + Learning.remedies(results.values().stream()),
        null);
  }

  private static SortedMap<String, TensorTotals> totals(Plan plan) {
    SortedMap<String, TensorTotals> totals = new TreeMap<>();
    plan.fates()
        .forEach(
            (fate, of) ->
                totals.put(
                    fate.word(), new TensorTotals(of.tensors(), of.bytesIn(), of.bytesOut())));
    return totals;
  }

  private static WorstLayers worstLayers(Plan plan, Map<String, BandResult> results) {
    Map<String, ReconstructionError> errors = new LinkedHashMap<>();
    Map<String, CalibrationError> learned = new HashMap<>();
    for (LayerShard shard : plan.shards()) {
      BandResult band = results.get(shard.key());
      if (band.error() != null) {
        errors.merge(band.tensor(), band.error(), ReconstructionError::plus);
      }
      if (band.calibration() != null) {
        learned.merge(band.tensor(), band.calibration(), CalibrationError::plus);
      }
    }
    WorstLayers worst = WorstLayers.NONE;
    for (Map.Entry<String, ReconstructionError> layer : errors.entrySet()) {
      CalibrationError outputs = learned.get(layer.getKey());
      worst =
          worst.with(
              layer.getKey(),
              RunReports.relative(layer.getValue()),
              outputs == null ? Double.NaN : RunReports.relative(outputs.report().calibration()));
    }
    return worst;
  }

  /** Lists every file, verifies what was written, and only then calls the run complete. */
  private void complete(String model, String modelSha256, List<Manifest.Entry> known) {
    progress.println("checking what was written");
    Manifest manifest = Manifest.of(storage, run, model, modelSha256, known);
    Verification verification =
        new Verifier(session, storage).verify(run, manifest, SAMPLED_LAYERS);
    if (!verification.ok()) {
      // Run again, the command shall write anew, not find the same files complete.
      storage.delete(run.manifest());
      throw new BadInputException(
          ExitCode.VERIFICATION_FAILED,
          "%s: what was written is not what was computed: %s; run the command again"
              .formatted(run.path(), verification.problems().getFirst()));
    }
    lock.require();
    manifest.publish(storage, run);
    storage.delete(run.work());
  }
}
