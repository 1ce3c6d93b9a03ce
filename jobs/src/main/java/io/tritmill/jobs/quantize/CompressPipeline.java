package io.tritmill.jobs.quantize;

import io.tritmill.jobs.calibrate.Calibration;
import io.tritmill.jobs.calibrate.SolvedLayer;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.data.CalibrationSet;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.gate.AcceptedRun;
import io.tritmill.jobs.gate.RunGate;
import io.tritmill.jobs.model.CheckpointSource;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.TransformedSource;
import io.tritmill.jobs.plan.LayerShard;
import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.plan.RowBudget;
import io.tritmill.jobs.progress.Activity;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.jobs.run.Ledger;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.run.RunLock;
import io.tritmill.jobs.run.RunState;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Json;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.quantize.Need;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * Compresses a checkpoint: plan, bands, ledger, assembly, reports, manifest.
 *
 * <p>The driver sees names, sizes and metrics; executors read byte ranges and write parts. Killed
 * at any moment and started again, it goes on from the parts that the ledger knows, and ends in the
 * same bytes.
 */
public final class CompressPipeline {
  /** Whether a run goes on from an unfinished one. */
  public enum Resume {
    AUTO,
    NEVER,
    REQUIRE
  }

  private static final int MOST_SITES_ASIDE = 32;
  private static final int MAX_DOCUMENT = 1 << 28;

  private final SparkSession session;
  private final Storage storage;
  private final PrintStream progress;
  private final Optional<AcceptedRun> accepted;

  /**
   * A pipeline.
   *
   * @param progress gets a line for each layer
   */
  public CompressPipeline(SparkSession session, Storage storage, PrintStream progress) {
    this(session, storage, progress, Optional.empty());
  }

  /**
   * A pipeline whose runs must not fall behind another.
   *
   * @param progress gets a line for each layer
   * @param accepted the other run
   */
  public CompressPipeline(
      SparkSession session, Storage storage, PrintStream progress, Optional<AcceptedRun> accepted) {
    this.session = session;
    this.storage = storage;
    this.progress = progress;
    this.accepted = accepted;
  }

  /**
   * Looks at the output directory and says whether anything is left to do.
   *
   * @throws BadInputException if something else stands there, or resuming is not as asked
   */
  public static RunState check(Storage storage, RunDirectory run, Plan plan, Resume resume) {
    requireApart(run, plan.model());
    RunState state =
        RunState.of(storage, run, plan.recipeSha256(), plan.modelSha256(), plan.calibration());
    if (state == RunState.NEW && resume == Resume.REQUIRE) {
      throw BadInputException.conflict(
          "%s: holds no unfinished run to resume; leave out --resume require", run.path());
    }
    if (state != RunState.NEW && resume == Resume.NEVER) {
      throw BadInputException.conflict(
          "%s: holds a run already; choose another --output, or leave out --resume never",
          run.path());
    }
    return state;
  }

  /**
   * Runs everything that an earlier attempt has not done, under the run's lock.
   *
   * @param partitions tasks that share the work of a stage; 0 for as many as suit the cluster
   * @param calibration what layers learn from; empty if none does
   */
  public void run(
      Checkpoint checkpoint,
      Plan plan,
      Recipe recipe,
      RunDirectory run,
      int partitions,
      Optional<CalibrationSet> calibration) {
    String application = session.sparkContext().applicationId();
    try (RunLock lock = RunLock.acquire(storage, run, application, progress::println)) {
      if (storage.exists(run.success())) {
        progress.println(run.path() + ": was completed by another application in the meantime");
        return;
      }
      Assembly assembly =
          new Assembly(session, storage, run, lock, new RunGate(storage, run, accepted), progress);
      if (storage.exists(run.manifest()) && storage.exists(run.summary())) {
        progress.println(
            run.path() + ": is complete but for its mark, or for an evaluation that was cut short");
        assembly.completeAgain();
        return;
      }
      run(checkpoint, plan, recipe, run, partitions, calibration, lock, assembly);
    }
  }

  private void run(
      Checkpoint checkpoint,
      Plan planned,
      Recipe recipe,
      RunDirectory run,
      int partitions,
      Optional<CalibrationSet> calibration,
      RunLock lock,
      Assembly assembly) {
    long begin = System.nanoTime();
    long startedAt = System.currentTimeMillis();
    long readBefore = Tasks.bytesRead(session.sparkContext());
    // The plan comes first: it is what tells a run's directory from any other.
    ensure(run.plan(), Json.document(planned.toJson()));
    ensure(run.recipe(), recipe.toYaml().getBytes(StandardCharsets.UTF_8));
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    Plan plan =
        calibration.isEmpty()
            ? planned
            : decided(checkpoint, planned, run, calibration.get(), lock::require);
    Map<String, BandResult> results =
        new ConcurrentHashMap<>(new FinishedBands(spark, storage, run, progress::println).of(plan));
    int resumed = results.size();
    LayerLines lines = new LayerLines(plan, progress, results);
    Map<Integer, BlockResult> blocks = new TreeMap<>();
    try (Ledger<BandResult> ledger = new Ledger<>(storage, run.ledger())) {
      // Not made for a model that cannot be run, whose matrices alone are wanted.
      ModelSource source =
          plan.transforms().none() && !plan.learns()
              ? null
              : TransformedSource.of(new CheckpointSource(storage, checkpoint), plan.transforms());
      ModelSource transformed = plan.transforms().none() ? null : source;
      ShardRunner runner = new ShardRunner(spark, storage, transformed, run, partitions);
      Consumer<BandResult> onResult =
          result -> {
            lock.require();
            results.put(result.key(), result);
            lines.accept(result);
          };
      List<LayerShard> open =
          plan.shards().stream()
              .filter(shard -> !shard.learns() && !results.containsKey(shard.key()))
              .toList();
      runner.run(open, ledger, onResult);
      if (calibration.isPresent()) {
        SolvedLayer embedding =
            recipe.propagateError()
                ? plan.packedFirst(source.architecture().embedding())
                    .map(table -> SolvedLayers.of(table, plan, run, results))
                    .orElse(null)
                : null;
        Path shared = calibration(run, plan);
        // Streams that began otherwise are not gone on with.
        Path directory = embedding == null ? shared : new Path(shared, "packed-embedding");
        Calibration stream =
            new Calibration(
                spark,
                storage,
                source,
                calibration.get(),
                directory,
                shared,
                weighsTokens(plan),
                embedding);
        blocks.putAll(
            new CalibratedBlocks(
                    source.architecture(), plan, recipe, run, results, stream, aside(spark))
                .solve(
                    (description, shards, statistics) ->
                        runner.run(description, shards, statistics, ledger, onResult)));
      }
    }
    lock.require();
    Activity.during(
        "assembling the model and its reports",
        () ->
            assembly.assemble(
                checkpoint,
                plan,
                recipe,
                results,
                blocks,
                new Assembly.Timing(begin, startedAt, resumed, readBefore)));
  }

  /** Enough sites for all cores, but not so many that their sums fill a disk. */
  private static int aside(JavaSparkContext spark) {
    return Math.clamp(spark.defaultParallelism(), 2, MOST_SITES_ASIDE);
  }

  private static boolean weighsTokens(Plan plan) {
    return plan.layers().stream()
        .anyMatch(layer -> layer.quantizer().needs().contains(Need.TOKEN_WEIGHTS));
  }

  private static Path calibration(RunDirectory run, Plan plan) {
    return new Path(run.work(), "calibration-" + plan.calibration());
  }

  /**
   * The plan with the planes of every row decided; the plan itself if no layer's rows choose.
   *
   * @param requireLock throws where the run has gone over to another application
   */
  Plan decided(
      Checkpoint checkpoint,
      Plan planned,
      RunDirectory run,
      CalibrationSet set,
      Runnable requireLock) {
    if (RowBudget.of(planned.layers()).layers().isEmpty()) {
      return planned;
    }
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    ModelSource source =
        TransformedSource.of(new CheckpointSource(storage, checkpoint), planned.transforms());
    Path shared = calibration(run, planned);
    Path walk = new Path(shared, "rows");
    Plan decided =
        new RowAllocation(spark, storage, source, run, requireLock, progress::println)
            .decide(
                planned,
                () ->
                    new Calibration(
                        spark, storage, source, set, walk, shared, weighsTokens(planned), null));
    storage.delete(walk);
    ensure(run.plan(), Json.document(decided.toJson()));
    return decided;
  }

  /** Writes a file unless it is there already: where no rename is atomic, it is then never away. */
  private void ensure(Path file, byte[] content) {
    if (!storage.exists(file) || !Arrays.equals(storage.read(file, MAX_DOCUMENT), content)) {
      storage.publish(file, content);
    }
  }

  private static void requireApart(RunDirectory run, String model) {
    String output = run.uri() + "/";
    String input = model + "/";
    if (output.startsWith(input) || input.startsWith(output)) {
      throw BadInputException.conflict(
          "%s: output and model %s lie in one another; choose another --output", run.uri(), model);
    }
  }
}
