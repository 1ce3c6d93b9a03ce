package io.tritmill.jobs.plan;

import io.tritmill.jobs.recipe.Recipe;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * How long a plan takes on a cluster: each of its Spark jobs played through, task by task.
 *
 * <p>A task costs its arithmetic at the rate of a core, its bytes at a machine's bandwidth, and a
 * fixed share of Spark's. No job is faster than its bytes through all machines. What is not known
 * (other load, stragglers, slow disks) is in the range: {@value #FASTER} and {@value #SLOWER} times
 * the expected time, more where layers learn from data.
 *
 * @param phases in order
 * @param rates of a core that were assumed
 * @param learns whether layers learn from data
 */
public record TimeEstimate(List<Phase> phases, Rates rates, boolean learns) {
  private static final double FASTER = 0.75;
  private static final double SLOWER = 1.5;
  private static final double SLOWER_LEARNING = 2.5;

  /** Starting a task and its result. */
  private static final double TASK_SECONDS = 0.01;

  /** A range's own request, a part's own file. */
  private static final double BAND_SECONDS = 0.002;

  private static final double DISPATCH_SECONDS = 0.001;

  /** What a core loses where its neighbours work too: clock, memory, cache. */
  static final double TOGETHER = 0.85;

  /** The JVM's compiler, in each core of a fresh executor. */
  private static final double WARM_UP_SECONDS = 1.5;

  /** Tables, manifest, and what a check of sampled layers takes whatever the model. */
  private static final double REPORT_SECONDS = 2;

  private static final int SAMPLED_LAYERS = 3;

  /** Weights of which a core derives the error in a second, by plain loops. */
  private static final double DERIVED_WEIGHTS = 25e6;

  /**
   * One job or a few alike.
   *
   * @param name what it does
   * @param tasks of all of them
   * @param seconds expected
   */
  public record Phase(String name, int tasks, double seconds) {}

  /**
   * Plays the plan through.
   *
   * @param recipe that was planned: how much layers learn from, and whether on compressed inputs
   */
  public static TimeEstimate of(
      Plan plan, Cluster cluster, ExecutorLayout layout, Rates rates, Recipe recipe) {
    List<Phase> phases = new Simulation(plan, cluster, layout, rates, recipe).phases();
    return new TimeEstimate(phases, rates, plan.learns());
  }

  /** Seconds that are most likely. */
  public double expected() {
    return phases.stream().mapToDouble(Phase::seconds).sum();
  }

  /** Seconds when all goes well. */
  public double low() {
    return FASTER * expected();
  }

  /** Seconds that are rarely exceeded. */
  public double high() {
    return (learns ? SLOWER_LEARNING : SLOWER) * expected();
  }

  private record Simulation(
      Plan plan, Cluster cluster, ExecutorLayout layout, Rates rates, Recipe recipe) {
    List<Phase> phases() {
      List<Phase> phases = new ArrayList<>();
      phases.add(new Phase("start", 0, cluster.startSeconds() + WARM_UP_SECONDS));
      List<LayerShard> plain = plan.shards().stream().filter(shard -> !shard.learns()).toList();
      observe(plain, phases);
      phases.add(job("quantize bands", tasks(plain, this::band), moved()));
      if (plan.learns()) {
        phases.add(CalibrationTime.of(plan, cluster, layout, schedule(), rates, recipe));
      }
      Map<String, Long> files = files();
      phases.add(
          job(
              "assemble files",
              files.values().stream().mapToDouble(this::assembled).toArray(),
              2 * plan.bytesOut()));
      phases.add(
          job(
              "verify files",
              files.values().stream().mapToDouble(this::verified).toArray(),
              plan.bytesOut()));
      phases.add(new Phase("report, check sampled layers", 0, REPORT_SECONDS + sampled()));
      return phases;
    }

    private void observe(List<LayerShard> shards, List<Phase> phases) {
      List<LayerShard> observed =
          shards.stream()
              .filter(shard -> shard.quantizer() != null && shard.quantizer().passes() > 0)
              .toList();
      if (!observed.isEmpty()) {
        phases.add(job("passes over whole tensors", tasks(observed, this::passes), 0));
      }
    }

    /** Seconds of each task that shards are shared out to. */
    private double[] tasks(List<LayerShard> shards, ToDoubleFunction<LayerShard> seconds) {
      List<LayerShard> ordered = shards.stream().sorted(Portions.costlyFirst(shards)).toList();
      return Portions.guided(ordered, LayerShard::cost, layout.slots()).stream()
          .mapToDouble(task -> TASK_SECONDS + task.stream().mapToDouble(seconds).sum())
          .toArray();
    }

    private double passes(LayerShard shard) {
      return shard.quantizer().passes() * (check(shard) + bytes(shard) / bandwidth());
    }

    /** The makespan, and no less than the bytes take through all machines. */
    private Phase job(String name, double[] tasks, double bytes) {
      double network = bytes / bandwidth() / cluster.machines();
      return new Phase(name, tasks.length, Math.max(schedule().seconds(tasks), network));
    }

    private Schedule schedule() {
      return new Schedule(layout.slots(), DISPATCH_SECONDS);
    }

    private double bandwidth() {
      return cluster.bandwidth();
    }

    private double moved() {
      long packed =
          plan.layers().stream()
              .filter(layer -> layer.quantizer().needs().isEmpty())
              .mapToLong(PlannedTensor::bytesOut)
              .sum();
      return plan.bytesIn() + packed;
    }

    private double band(LayerShard shard) {
      if (shard.quantizer() == null) {
        return BAND_SECONDS + check(shard) + bytes(shard) / bandwidth();
      }
      double weights = (double) shard.rows() * shard.columns();
      long packed = shard.quantizer().levels().bytes(shard.rows(), shard.columns());
      return BAND_SECONDS
          + weights / rates.weights().get(shard.quantizer()) / TOGETHER
          + (bytes(shard) + packed) / bandwidth();
    }

    private double check(LayerShard shard) {
      return (double) shard.rows() * shard.columns() / rates.checked() / TOGETHER;
    }

    private static double bytes(LayerShard shard) {
      double weights = (double) shard.rows() * shard.columns();
      return weights * shard.tensor().bytes() / Math.max(1, shard.tensor().elements());
    }

    /** Bytes of each file of the output. */
    private Map<String, Long> files() {
      Map<String, Long> files = new TreeMap<>();
      plan.tensors()
          .forEach(tensor -> files.merge(tensor.tensor().file(), tensor.bytesOut(), Long::sum));
      return files;
    }

    /** Read once, written once, in two checksums. */
    private double assembled(long bytes) {
      return TASK_SECONDS + 2 * bytes / bandwidth() + 2 * bytes / rates.digested() / TOGETHER;
    }

    private double verified(long bytes) {
      return TASK_SECONDS + bytes / bandwidth() + bytes / rates.digested() / TOGETHER;
    }

    private double sampled() {
      long weights =
          plan.layers().stream()
              .map(layer -> layer.tensor().elements())
              .sorted(Comparator.reverseOrder())
              .limit(SAMPLED_LAYERS)
              .mapToLong(Long::longValue)
              .sum();
      double together =
          Math.min(layout.slots(), Math.ceil((double) weights / Bands.TARGET_WEIGHTS));
      return weights / DERIVED_WEIGHTS / Math.max(1, together);
    }
  }
}
