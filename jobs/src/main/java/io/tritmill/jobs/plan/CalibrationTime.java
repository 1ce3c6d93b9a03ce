package io.tritmill.jobs.plan;

import io.tritmill.jobs.data.CalibrationSet;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.kernels.model.Basis;
import io.tritmill.kernels.model.LossMetric;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.simd.ColumnProducts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How long layers take that learn from data: site after site, each a job over the chunks of the
 * calibration set, one over the strips of the site's sums, and one over its layers.
 *
 * <p>Where errors are propagated a site waits for the layers before it, of which there are at most
 * three at a time, shared out to the cores of their executors. Where they are not, one stream is
 * enough, and sums and layers are worked on beside what follows: then the streams' way through the
 * blocks is what takes long, or all work together on all cores. Rough: it counts the arithmetic of
 * matrix products alone.
 */
final class CalibrationTime {
  /** Of a product's peak rate, what a forward pass of many small parts reaches. */
  private static final double FORWARD_SHARE = 0.5;

  /** Jobs of a site, each of which Spark starts and ends. */
  private static final double SITE_SECONDS = 0.3;

  /** Sites of a block of attention and feed-forward. */
  private static final int SITES = 4;

  private final Plan plan;
  private final Cluster cluster;
  private final ExecutorLayout layout;
  private final Schedule schedule;
  private final Rates rates;
  private final long tokens;
  private final boolean propagates;
  private final Map<Site, List<PlannedTensor>> sites = new LinkedHashMap<>();
  private final long blockWeights;

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
    List<PlannedTensor> learning =
        plan.layers().stream().filter(layer -> !layer.quantizer().needs().isEmpty()).toList();
    int first = learning.getFirst().block();
    for (PlannedTensor layer : learning) {
      if (layer.block() == first) {
        sites.computeIfAbsent(layer.site(), site -> new ArrayList<>()).add(layer);
      }
    }
    blockWeights =
        learning.stream()
            .filter(layer -> layer.block() == first)
            .mapToLong(layer -> layer.tensor().elements())
            .sum();
  }

  /** All blocks, each like the first. */
  static TimeEstimate.Phase of(
      Plan plan,
      Cluster cluster,
      ExecutorLayout layout,
      Schedule schedule,
      Rates rates,
      Recipe recipe) {
    CalibrationTime time = new CalibrationTime(plan, cluster, layout, schedule, rates, recipe);
    int blocks =
        Math.toIntExact(plan.layers().stream().map(PlannedTensor::block).distinct().count());
    // Rows that choose their planes are tried first, on a walk of one stream instead of two, with
    // three solutions of the cheaper stages instead of one of all.
    int walks = RowBudget.of(plan.layers()).layers().isEmpty() ? 1 : 2;
    return new TimeEstimate.Phase(
        "calibrate and solve layers", walks * blocks * time.tasks(), walks * time.seconds(blocks));
  }

  private int tasks() {
    int tasks = 0;
    for (List<PlannedTensor> site : sites.values()) {
      tasks += chunks() + sum(site).tasks() + site.size();
    }
    return tasks;
  }

  private double seconds(int blocks) {
    double moving = 0;
    double fitting = 0;
    double slowest = 0;
    double work = 0;
    for (List<PlannedTensor> site : sites.values()) {
      Job gather = gather(site);
      Job sum = sum(site);
      Job solve = solve(site);
      double fitted = seconds(sum) + seconds(solve);
      moving += SITE_SECONDS + seconds(gather);
      fitting += fitted;
      slowest = Math.max(slowest, fitted);
      work += SITE_SECONDS + work(gather) + work(sum) + work(solve);
    }
    return propagates
        ? blocks * (moving + fitting)
        : Math.max(blocks * moving + slowest, blocks * work / schedule.slots());
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
   * Chunks whose streams go a quarter of a block further. What enters the last module of a half is
   * written, and read where the next step begins; before other modules it is made from the stream.
   * An executor reads the weights once.
   */
  private Job gather(List<PlannedTensor> layers) {
    int streams = propagates ? 2 : 1;
    double part = (double) blockWeights / SITES;
    double flops = 2 * streams * chunkTokens() * part / FORWARD_SHARE;
    int times = layers.getFirst().module().outputs() == Basis.STREAM ? 2 : 1;
    double weights = 2 * part * Math.min(1, (double) layout.executors() / chunks());
    double bytes = weights + times * streams * inputBytes(layers) / chunks();
    return Job.alike(chunks(), seconds(flops), bytes);
  }

  /** The sums of a site, shared out to all cores as far as there are strips. */
  private Job sum(List<PlannedTensor> layers) {
    double inputs = layers.getFirst().columns();
    double outputs = layers.getFirst().tensor().rows();
    Set<Need> needs = needs(layers);
    boolean compares = needs.contains(Need.INPUT_ERROR);
    double products = (compares ? 3 : 1) * inputs * inputs;
    if (needs.contains(Need.OUTPUT_METRIC)
        && layers.stream().anyMatch(layer -> layer.module().metric() == LossMetric.UP)) {
      // Of gate and of up, over a quarter of the tokens.
      products += 2 * outputs * outputs / 4;
    }
    int tasks = Math.min(schedule.slots(), ColumnProducts.strips((int) inputs));
    double bytes = (compares ? 2 : 1) * inputBytes(layers);
    return Job.alike(tasks, seconds(tokens * products / tasks), bytes);
  }

  private double inputBytes(List<PlannedTensor> layers) {
    return (double) Float.BYTES * tokens * layers.getFirst().columns();
  }

  private double seconds(double flops) {
    return flops / rates.flops() / TimeEstimate.TOGETHER;
  }

  /** Seconds that all tasks take together where all slots are taken. */
  private double work(Job job) {
    double all = layout.speedUp(schedule.slots());
    return Arrays.stream(job.seconds(all, cluster.bandwidth())).sum();
  }

  /** The layers of a site, each of which reads the sums. */
  private Job solve(List<PlannedTensor> layers) {
    double inputs = layers.getFirst().columns();
    Set<Need> needs = needs(layers);
    double squares = 0.5 + (needs.contains(Need.INPUT_ERROR) ? 1 : 0);
    squares *= needs.contains(Need.HELD_OUT) ? 2 : 1;
    double[] seconds = layers.stream().mapToDouble(this::solve).toArray();
    return new Job(seconds, Double.BYTES * squares * inputs * inputs);
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
    return (int) Math.max(1, Math.ceilDiv(tokens, CalibrationSet.chunkTokens(blockWeights)));
  }
}
