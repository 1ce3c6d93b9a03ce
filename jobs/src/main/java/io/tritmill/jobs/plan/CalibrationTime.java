package io.tritmill.jobs.plan;

import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.kernels.model.TapSite;
import io.tritmill.kernels.quantize.Need;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.DoubleStream;

/**
 * How long layers take that learn from data: site after site, each a job over the chunks of the
 * calibration set and one over the layers of the site.
 *
 * <p>Where errors are propagated a site waits for the layers before it, of which there are at most
 * three at a time, so beyond as many cores as there are chunks nothing is gained. Where they are
 * not, one stream is enough and layers are solved beside what follows. Rough: it counts the
 * arithmetic of matrix products alone.
 */
final class CalibrationTime {
  /** Of a product's peak rate, what a forward pass of many small parts reaches. */
  private static final double FORWARD_SHARE = 0.5;

  /** Jobs of a site, each of which Spark starts and ends. */
  private static final double SITE_SECONDS = 0.3;

  /** Tokens of a chunk at least, as {@code calibrate} cuts them. */
  private static final int CHUNK_TOKENS = 4096;

  private final Plan plan;
  private final Cluster cluster;
  private final Schedule schedule;
  private final Rates rates;
  private final long tokens;
  private final boolean propagates;
  private final Map<TapSite, List<PlannedTensor>> sites = new EnumMap<>(TapSite.class);
  private final double blockWeights;

  private CalibrationTime(
      Plan plan, Cluster cluster, Schedule schedule, Rates rates, Recipe recipe) {
    this.plan = plan;
    this.cluster = cluster;
    this.schedule = schedule;
    this.rates = rates;
    Recipe.Calibration set = recipe.calibration().orElse(Recipe.Calibration.DEFAULT);
    this.tokens = ((long) set.samples() + set.heldOut()) * set.sequenceLength();
    this.propagates = recipe.propagateError();
    List<PlannedTensor> learning =
        plan.layers().stream().filter(layer -> !layer.quantizer().needs().isEmpty()).toList();
    int first = learning.getFirst().block();
    for (TapSite site : TapSite.values()) {
      sites.put(
          site,
          learning.stream()
              .filter(layer -> layer.block() == first && TapSite.of(layer.role()) == site)
              .toList());
    }
    blockWeights =
        learning.stream()
            .filter(layer -> layer.block() == first)
            .mapToDouble(layer -> layer.tensor().elements())
            .sum();
  }

  /** All blocks, each like the first. */
  static TimeEstimate.Phase of(
      Plan plan, Cluster cluster, Schedule schedule, Rates rates, Recipe recipe) {
    CalibrationTime time = new CalibrationTime(plan, cluster, schedule, rates, recipe);
    int blocks =
        Math.toIntExact(plan.layers().stream().map(PlannedTensor::block).distinct().count());
    // Rows that choose their planes are tried first, on a walk of one stream instead of two, with
    // three solutions of the cheaper stages instead of one of all.
    int walks = RowBudget.of(plan.layers()).layers().isEmpty() ? 1 : 2;
    int tasks = walks * blocks * (TapSite.values().length * time.chunks() + 7);
    return new TimeEstimate.Phase(
        "calibrate and solve layers",
        tasks,
        walks * (time.gathering(blocks) + time.solving(blocks)));
  }

  private double gathering(int blocks) {
    double block = 0;
    for (List<PlannedTensor> site : sites.values()) {
      if (!site.isEmpty()) {
        double[] chunks = new double[chunks()];
        Arrays.fill(chunks, gather(site));
        block += SITE_SECONDS + schedule.seconds(chunks);
      }
    }
    return blocks * block;
  }

  private double solving(int blocks) {
    if (propagates) {
      return blocks * sites.values().stream().mapToDouble(site -> solved(site, 1)).sum();
    }
    return solved(sites.values().stream().flatMap(List::stream).toList(), blocks);
  }

  /** Layers at the same time, each so many times. */
  private double solved(List<PlannedTensor> layers, int times) {
    return schedule.seconds(
        layers.stream()
            .flatMapToDouble(layer -> DoubleStream.generate(() -> solve(layer)).limit(times))
            .toArray());
  }

  /** One chunk: its streams a quarter of a block further, sums of products, files. */
  private double gather(List<PlannedTensor> layers) {
    double inputs = layers.getFirst().columns();
    Set<Need> needs = EnumSet.noneOf(Need.class);
    layers.forEach(layer -> needs.addAll(layer.quantizer().needs()));
    int streams = propagates ? 2 : 1;
    double forward = 2 * streams * chunkTokens() * blockWeights / TapSite.values().length;
    double products = (needs.contains(Need.INPUT_ERROR) ? 3 : 1) * inputs * inputs;
    if (needs.contains(Need.OUTPUT_METRIC)) {
      products += 2 * inputs * inputs;
    }
    double flops = forward / FORWARD_SHARE + chunkTokens() * products;
    double weightBytes = 2 * blockWeights;
    double sumBytes = 2 * Float.BYTES * needs.size() * inputs * inputs;
    return flops / rates.flops() / TimeEstimate.TOGETHER
        + (weightBytes + sumBytes) / cluster.bandwidth();
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
    return Math.max(
        CHUNK_TOKENS, plan.layers().stream().mapToInt(PlannedTensor::columns).max().orElse(0));
  }

  private int chunks() {
    return (int) Math.max(1, Math.ceil(tokens / chunkTokens()));
  }
}
