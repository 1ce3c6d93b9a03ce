package io.tritmill.jobs.plan;

import io.tritmill.jobs.data.CalibrationSet;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.kernels.model.Basis;
import io.tritmill.kernels.model.LossMetric;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.simd.ColumnProducts;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * How long layers take that learn from data: stage after stage, each a job over the chunks of the
 * calibration set, one over the strips of its sites' sums, and one over its layers.
 *
 * <p>Where errors are propagated a stage waits for the layers before it, of which there are often
 * three at a time, shared out to the cores of their executors. Where they are not, one stream is
 * enough, and sums and layers are worked on beside what follows: then the streams' way through the
 * blocks is what takes long, or all work together on all cores. Rough: it counts the arithmetic of
 * matrix products alone.
 */
final class CalibrationTime {
  /** Of a product's peak rate, what a forward pass of many small parts reaches. */
  private static final double FORWARD_SHARE = 0.5;

  /** Jobs of a stage, each of which Spark starts and ends. */
  private static final double STAGE_SECONDS = 0.3;

  /** Operations for a weight and an input of a pass over bands: five products. */
  private static final double PASS_FLOPS = 10;

  private final Plan plan;
  private final Cluster cluster;
  private final ExecutorLayout layout;
  private final Schedule schedule;
  private final Rates rates;
  private final long tokens;
  private final boolean propagates;
  private final List<CalibrationStages.Stage> stages;
  private final long blockProducts; // of a token, in the costliest block

  /**
   * Tasks of one job.
   *
   * @param seconds of one core for each
   * @param bytes that each reads and writes
   */
  private record Job(double[] seconds, double bytes) {
    static Job alike(int tasks, double seconds, double bytes) {
      double[] each = new double[tasks];
      Arrays.fill(each, seconds);
      return new Job(each, bytes);
    }

    int tasks() {
      return seconds.length;
    }

    /** Seconds of each task on several cores. */
    double[] seconds(double speedUp, double bandwidth) {
      return Arrays.stream(seconds).map(one -> one / speedUp + bytes / bandwidth).toArray();
    }
  }

  private CalibrationTime(
      Plan plan,
      Cluster cluster,
      ExecutorLayout layout,
      Schedule schedule,
      Rates rates,
      Recipe recipe) {
    this.plan = plan;
    this.cluster = cluster;
    this.layout = layout;
    this.schedule = schedule;
    this.rates = rates;
    Recipe.Calibration set = recipe.calibration().orElse(Recipe.Calibration.DEFAULT);
    this.tokens = ((long) set.samples() + set.heldOut()) * set.sequenceLength();
    this.propagates = recipe.propagateError();
    CalibrationStages found = CalibrationStages.of(plan);
    this.stages = found.stages();
    this.blockProducts = found.blockProducts();
  }

  /** All blocks. */
  static TimeEstimate.Phase of(
      Plan plan,
      Cluster cluster,
      ExecutorLayout layout,
      Schedule schedule,
      Rates rates,
      Recipe recipe) {
    CalibrationTime time = new CalibrationTime(plan, cluster, layout, schedule, rates, recipe);
    // Rows that choose their planes are tried first, on a walk of one stream instead of two, with
    // three solutions of the cheaper stages instead of one of all.
    int walks = RowBudget.of(plan.layers()).layers().isEmpty() ? 1 : 2;
    return new TimeEstimate.Phase(
        "calibrate and solve layers", walks * time.tasks(), walks * time.seconds());
  }

  private int tasks() {
    int tasks = 0;
    for (CalibrationStages.Stage stage : stages) {
      tasks += stage.times() * (chunks() + sum(stage).tasks() + solve(stage).tasks());
    }
    return tasks;
  }

  private double seconds() {
    double moving = 0;
    double fitting = 0;
    double slowest = 0;
    double work = 0;
    for (CalibrationStages.Stage stage : stages) {
      Job gather = gather(stage);
      Job sum = sum(stage);
      Job solve = solve(stage);
      double fitted = seconds(sum) + seconds(solve);
      moving += stage.times() * (STAGE_SECONDS + seconds(gather));
      fitting += stage.times() * fitted;
      slowest = Math.max(slowest, fitted);
      work += stage.times() * (STAGE_SECONDS + work(gather) + work(sum) + work(solve));
    }
    return propagates ? moving + fitting : Math.max(moving + slowest, work / schedule.slots());
  }

  /**
   * The makespan, with cores that idle taking part, and no less than the bytes take through all
   * machines.
   */
  private double seconds(Job job) {
    double[] tasks = job.seconds(layout.speedUp(job.tasks()), cluster.bandwidth());
    double bytes = job.tasks() * job.bytes();
    return Math.max(schedule.seconds(tasks), bytes / cluster.bandwidth() / cluster.machines());
  }

  /**
   * Chunks whose streams go a part of a block further. What enters the last module of a sublayer is
   * written, and read where the next step begins; before other modules it is made from the stream.
   * An executor reads the weights once.
   */
  private Job gather(CalibrationStages.Stage stage) {
    int streams = propagates ? 2 : 1;
    double flops = 2 * streams * chunkTokens() * stage.products() / FORWARD_SHARE;
    int times = stage.layers().getFirst().module().outputs() == Basis.STREAM ? 2 : 1;
    // The head is not read on the way to it, but blocks before it that nothing learns in are.
    double passed =
        stage.layers().getFirst().head()
            ? stage.products()
            : stage.layers().stream().mapToLong(one -> one.tensor().elements()).sum();
    double stored = 2 * passed;
    double weights = stored * Math.min(1, (double) layout.executors() / chunks());
    double bytes = weights + times * streams * inputBytes(stage) / chunks();
    return Job.alike(chunks(), seconds(flops), bytes);
  }

  /** The sums of a stage, shared out to all cores as far as there are strips. */
  private Job sum(CalibrationStages.Stage stage) {
    Set<Need> needs = needs(stage.layers());
    boolean compares = needs.contains(Need.INPUT_ERROR);
    double products = 0;
    long strips = 0;
    for (PlannedTensor site : stage.sites()) {
      double inputs = site.columns();
      products += site.site().share() * (compares ? 3 : 1) * inputs * inputs;
      strips += ColumnProducts.strips(site.columns());
    }
    if (needs.contains(Need.OUTPUT_METRIC)
        && stage.layers().stream().anyMatch(one -> one.module().metric() == LossMetric.UP)) {
      // Of gate and of up, over a quarter of the tokens.
      double outputs = stage.layers().getFirst().tensor().rows();
      products += 2 * outputs * outputs / 4;
    }
    int tasks = (int) Math.min(schedule.slots(), strips);
    double bytes = (compares ? 2 : 1) * inputBytes(stage);
    return Job.alike(tasks, seconds(tokens * products / tasks), bytes);
  }

  private double inputBytes(CalibrationStages.Stage stage) {
    double inputs =
        stage.sites().stream().mapToDouble(one -> one.site().share() * one.columns()).sum();
    return Float.BYTES * tokens * inputs;
  }

  private double seconds(double flops) {
    return flops / rates.flops() / TimeEstimate.TOGETHER;
  }

  /** Seconds that all tasks take together where all slots are taken. */
  private double work(Job job) {
    double all = layout.speedUp(schedule.slots());
    return Arrays.stream(job.seconds(all, cluster.bandwidth())).sum();
  }

  /** The layers of a stage, each of which reads the sums of its site. */
  private Job solve(CalibrationStages.Stage stage) {
    List<PlannedTensor> layers = stage.layers();
    double inputs = layers.stream().mapToInt(PlannedTensor::columns).max().orElseThrow();
    Set<Need> needs = needs(layers);
    double squares = 0.5 + (needs.contains(Need.INPUT_ERROR) ? 1 : 0);
    squares *= needs.contains(Need.HELD_OUT) ? 2 : 1;
    double[] seconds =
        layers.stream().flatMapToDouble(layer -> Arrays.stream(bands(layer))).toArray();
    return new Job(seconds, Double.BYTES * squares * inputs * inputs);
  }

  /**
   * The bands of a layer, whose cost is shared alike: one, but of a head, which passes may look at
   * before.
   */
  private double[] bands(PlannedTensor layer) {
    long bands =
        layer.head()
            ? plan.shards().stream().filter(one -> one.tensor().equals(layer.tensor())).count()
            : 1;
    double[] seconds = new double[Math.toIntExact(bands)];
    double passes = bands == 1 ? 0 : passes(layer);
    Arrays.fill(seconds, (solve(layer) + passes) / bands);
    return seconds;
  }

  /** What bands do before they are solved: products of the weights with some square matrices. */
  private double passes(PlannedTensor layer) {
    Quantizer method = layer.quantizer();
    int more = method.passesOverBands().orElseThrow() - method.passes();
    return more * seconds(PASS_FLOPS * layer.columns() * layer.tensor().elements());
  }

  private static Set<Need> needs(List<PlannedTensor> layers) {
    Set<Need> needs = EnumSet.noneOf(Need.class);
    layers.forEach(layer -> needs.addAll(layer.quantizer().needs()));
    return needs;
  }

  /** A layer, whose cost a weight grows with its inputs, and with its outputs where they matter. */
  private double solve(PlannedTensor layer) {
    boolean outputs = layer.quantizer().needs().contains(Need.OUTPUT_METRIC);
    double others = outputs ? (layer.columns() + layer.tensor().rows()) / 2.0 : layer.columns();
    return layer.tensor().elements()
        * rates.learning(layer.quantizer(), others)
        / TimeEstimate.TOGETHER;
  }

  private double chunkTokens() {
    return (double) tokens / chunks();
  }

  private int chunks() {
    return (int) Math.max(1, Math.ceilDiv(tokens, CalibrationSet.chunkTokens(blockProducts)));
  }
}
