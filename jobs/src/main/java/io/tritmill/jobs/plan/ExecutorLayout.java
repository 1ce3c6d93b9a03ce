package io.tritmill.jobs.plan;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.run.Progress;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a cluster is cut into executors for a plan, and what memory each JVM gets.
 *
 * <p>Executors have at most {@value #MOST_CORES} cores, so that one that dies takes few tasks with
 * it, and its heap is collected quickly. Where memory is short they get fewer cores than the
 * machine has, and the rest idles.
 *
 * @param executors in the whole cluster
 * @param cores of each, each of which runs a task
 * @param heapBytes of each
 * @param overheadBytes of each outside the heap
 * @param driverBytes heap of the driver
 */
public record ExecutorLayout(
    int executors, int cores, long heapBytes, long overheadBytes, long driverBytes) {
  private static final int MOST_CORES = 8;
  private static final long MIB = 1 << 20;
  private static final long BASE = 512 * MIB;
  private static final long LEAST_OVERHEAD = 384 * MIB;

  /** What a collector needs above the objects that are alive. */
  private static final double HEADROOM = 1.5;

  /** What the driver keeps of a band: its shard, its result, Spark's own of its task. */
  private static final long DRIVER_BYTES_PER_BAND = 16 << 10;

  private static final long DRIVER_BASE = 768 * MIB;

  /**
   * Cuts.
   *
   * @throws BadInputException if a machine cannot hold one task
   */
  public static ExecutorLayout of(Plan plan, Cluster cluster) {
    long task = plan.memoryPerTask();
    long driver = rounded(DRIVER_BASE + DRIVER_BYTES_PER_BAND * plan.shards().size());
    if (cluster.isLocal()) {
      long heap = heap(cluster.cores(), task) + driver;
      return new ExecutorLayout(1, cluster.cores(), rounded(heap), 0, rounded(heap));
    }
    int perMachine = Math.ceilDiv(cluster.cores(), MOST_CORES);
    for (int executors = perMachine; executors >= 1; executors--) {
      long room = cluster.memoryBytes() / executors;
      for (int cores = Math.min(MOST_CORES, cluster.cores() / executors); cores >= 1; cores--) {
        long heap = heap(cores, task);
        if (heap + overhead(heap) <= room) {
          return new ExecutorLayout(
              executors * cluster.machines(), cores, heap, overhead(heap), driver);
        }
      }
    }
    long least = heap(1, task);
    throw BadInputException.unsupported(
        "A task of this plan needs an executor of %s, but a machine has %s; take larger machines, or"
            + " a recipe that quantizes by bands",
        Progress.bytes(least + overhead(least)), Progress.bytes(cluster.memoryBytes()));
  }

  private static long heap(int cores, long task) {
    return rounded(BASE + (long) (HEADROOM * cores * task));
  }

  private static long overhead(long heap) {
    return rounded(Math.max(LEAST_OVERHEAD, heap / 10));
  }

  private static long rounded(long bytes) {
    return Math.ceilDiv(bytes, 128 * MIB) * 128 * MIB;
  }

  /** Tasks that run at a time. */
  public int slots() {
    return executors * cores;
  }

  /** Spark's settings for it, in the order of a command line. */
  public Map<String, String> conf() {
    Map<String, String> conf = new LinkedHashMap<>();
    conf.put("spark.executor.instances", Integer.toString(executors));
    conf.put("spark.executor.cores", Integer.toString(cores));
    conf.put("spark.executor.memory", mebibytes(heapBytes));
    conf.put("spark.executor.memoryOverhead", mebibytes(overheadBytes));
    conf.put("spark.driver.memory", mebibytes(driverBytes));
    return conf;
  }

  private static String mebibytes(long bytes) {
    return bytes / MIB + "m";
  }
}
