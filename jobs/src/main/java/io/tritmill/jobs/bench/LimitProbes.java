package io.tritmill.jobs.bench;

import io.tritmill.jobs.bench.Costs.Place;
import io.tritmill.kernels.simd.MachineLimits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The loops whose rates are the machine's limits.
 *
 * <p>Where a Java array begins is up to the heap, so most vectors that a kernel loads lie in two
 * cache lines. The limit of the cache is that of vectors that lie in one: of several places to
 * begin at, the best. A kernel's share of it is lower for that.
 */
final class LimitProbes {
  private static final int CACHE_BYTES = 1 << 19;
  private static final int ROUNDS = 500;

  /** Floats read by one call: the compiler does best with what is called often. */
  private static final int CHUNK = 1 << 14;

  /** Floats of a cache line, and of the steps at which arrays may begin in it. */
  private static final int LINE = 16;

  private static final int STEP = 2;

  private final RunningProbe arithmetic;
  private final List<RunningProbe> cache = new ArrayList<>();
  private final RunningProbe memory;
  private final int memoryBytes;

  /**
   * Makes the arrays that are read.
   *
   * @param memoryBytes length of the one that is read from memory
   */
  LimitProbes(int memoryBytes) {
    this.memoryBytes = memoryBytes;
    arithmetic =
        new RunningProbe(
            new Probe("arithmetic", "registers", Unit.GFLOP, LimitProbes::multiplyAdd));
    float[] near = ones(CACHE_BYTES + LINE * Float.BYTES);
    for (int offset = 0; offset < LINE; offset += STEP) {
      cache.add(reading("cache", near, offset, CACHE_BYTES));
    }
    memory = reading("memory", ones(memoryBytes), 0, memoryBytes);
  }

  /** All of them, those of the cache next to each other. */
  List<RunningProbe> all() {
    List<RunningProbe> all = new ArrayList<>(cache);
    all.add(arithmetic);
    all.add(memory);
    return all;
  }

  /** The best rates so far. */
  Limits limits() {
    double cacheRate = cache.stream().mapToDouble(RunningProbe::rate).max().orElseThrow();
    return new Limits(arithmetic.rate(), cacheRate, memory.rate(), memoryBytes);
  }

  private static Work multiplyAdd() {
    double operations = (double) ROUNDS * MachineLimits.multiplyAddsInRound();
    return new Work(Costs.ofProduct(operations, 0), () -> MachineLimits.multiplyAdd(ROUNDS));
  }

  private static RunningProbe reading(String place, float[] values, int offset, int bytes) {
    int chunks = bytes / Float.BYTES / CHUNK;
    Costs costs = Costs.ofElements(chunks * CHUNK, 0, Float.BYTES, Place.MEMORY);
    Work work =
        new Work(
            costs,
            () -> {
              double sum = 0;
              for (int chunk = 0; chunk < chunks; chunk++) {
                sum += MachineLimits.read(values, offset + chunk * CHUNK, CHUNK);
              }
              return sum;
            });
    return new RunningProbe(new Probe(place, "f32", Unit.GBYTE, () -> work));
  }

  private static float[] ones(int bytes) {
    float[] ones = new float[bytes / Float.BYTES];
    Arrays.fill(ones, 1);
    return ones;
  }
}
