package io.tritmill.jobs.plan;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.progress.Progress;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a cluster is cut into executors for a plan, and what memory each JVM gets.
 *
 * <p>Executors have {@value #MOST_CORES} cores or fewer where memory allows as many tasks, so that
 * one that dies takes few tasks with it, and its heap is collected quickly. Where memory is short a
 * task of a recipe that learns gets several cores, which share its work; for other recipes
 * executors get fewer cores than the machine has, and the rest idles.
 *
 * @param executors in the whole cluster
 * @param cores of each
 * @param taskCores of each task
 * @param heapBytes of each
 * @param overheadBytes of each outside the heap
 * @param driverBytes heap of the driver
 */
public record ExecutorLayout(
    int executors, int cores, int taskCores, long heapBytes, long overheadBytes, long driverBytes) {
  private static final int MOST_CORES = 8;
  private static final long MIB = 1 << 20;
  private static final long BASE = 512 * MIB;

  /** Classes, compiled code and its compiler, threads and buffers of a JVM. */
  private static final long OUTSIDE_HEAP = 384 * MIB;

  /** What a collector needs above the objects that are alive. */
  private static final double HEADROOM = 1.5;

  /** Share of a task that learns which only one core can do. */
  private static final double ALONE = 0.08;

  /** What the driver keeps of a band: its shard, its result, Spark's own of its task. */
  private static final long DRIVER_BYTES_PER_BAND = 16 << 10;

  private static final long DRIVER_BASE = 768 * MIB;

  /**
   * Cuts.
   *
   * @throws BadInputException if a machine cannot hold one task
   */
  public static ExecutorLayout of(Plan plan, Cluster cluster) {
    long driver = rounded(DRIVER_BASE + DRIVER_BYTES_PER_BAND * plan.shards().size());
    if (cluster.isLocal()) {
      long heap = heap(cluster.cores(), plan) + driver;
      return new ExecutorLayout(1, cluster.cores(), 1, rounded(heap), 0, rounded(heap));
    }
    int perMachine = Math.ceilDiv(cluster.cores(), MOST_CORES);
    for (int executors = perMachine; executors >= 1; executors--) {
      // Fewer executors than that are held back by memory, and have few tasks all the same.
      int most = executors == perMachine ? MOST_CORES : cluster.cores();
      int cores = Math.min(most, cluster.cores() / executors);
      long room = cluster.memoryBytes() / executors;
      ExecutorLayout one = fill(cores, room, plan);
      if (one != null) {
        int all = executors * cluster.machines();
        return new ExecutorLayout(
            all, one.cores, one.taskCores, one.heapBytes, one.overheadBytes, driver);
      }
    }
    long least = heap(1, plan);
    throw BadInputException.unsupported(
        "A task of this plan needs an executor of %s, but a machine has %s; take larger machines, or"
            + " a recipe that quantizes by bands",
        Progress.bytes(least + overhead(least)), Progress.bytes(cluster.memoryBytes()));
  }

  /**
   * As many tasks as there is memory for, and, where they share cores, as many cores.
   *
   * @return one executor; null where there is no memory for a task
   */
  private static ExecutorLayout fill(int most, long room, Plan plan) {
    boolean learns = plan.learns();
    long helper = plan.memoryPerHelper();
    for (int tasks = most; tasks >= 1; tasks--) {
      long alone = heap(tasks, plan);
      for (int cores = learns ? most : tasks; cores >= tasks; cores--) {
        long heap = alone + rounded((cores - tasks) * helper);
        if (heap + overhead(heap) <= room) {
          int taskCores = Math.ceilDiv(cores, tasks);
          return new ExecutorLayout(1, cores, taskCores, heap, overhead(heap), 0);
        }
      }
    }
    return null;
  }

  private static long heap(int tasks, Plan plan) {
    return rounded(BASE + (long) (HEADROOM * plan.memory(tasks)));
  }

  /** What a JVM has outside its heap; what its collector keeps there grows with the heap. */
  private static long overhead(long heap) {
    return rounded(OUTSIDE_HEAP + heap / 10);
  }

  private static long rounded(long bytes) {
    return Math.ceilDiv(bytes, 128 * MIB) * 128 * MIB;
  }

  /** Tasks that run at a time. */
  public int slots() {
    return executors * (cores / taskCores);
  }

  /** Cores that no executor has. */
  public int idle(Cluster cluster) {
    return cluster.machines() * cluster.cores() - executors * cores;
  }

  /**
   * How much sooner each of so many tasks of a job is done than on one core, where those that idle
   * take part: a share of the work can only be done by one (Amdahl's law).
   */
  double speedUp(int tasks) {
    int together = Math.min(cores / taskCores, Math.ceilDiv(tasks, executors));
    double share = Math.max(1, cores / Math.max(1, together));
    return 1 / (ALONE + (1 - ALONE) / share);
  }

  /** Spark's settings for it, in the order of a command line. */
  public Map<String, String> conf() {
    Map<String, String> conf = new LinkedHashMap<>();
    conf.put("spark.executor.instances", Integer.toString(executors));
    conf.put("spark.executor.cores", Integer.toString(cores));
    if (taskCores > 1) {
      conf.put("spark.task.cpus", Integer.toString(taskCores));
    }
    conf.put("spark.executor.memory", mebibytes(heapBytes));
    conf.put("spark.executor.memoryOverhead", mebibytes(overheadBytes));
    conf.put("spark.driver.memory", mebibytes(driverBytes));
    return conf;
  }

  /** What the launcher is told where one machine does all the work. */
  public Map<String, String> environment() {
    return Map.of("TRITMILL_MEMORY", mebibytes(driverBytes));
  }

  private static String mebibytes(long bytes) {
    return bytes / MIB + "m";
  }
}
