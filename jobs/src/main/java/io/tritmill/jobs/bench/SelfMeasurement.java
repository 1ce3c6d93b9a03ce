package io.tritmill.jobs.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * This machine, its limits, and the rate of every kernel against them, in one thread.
 *
 * @param machine what was measured
 * @param limits what one thread can do at most
 * @param kernels a rate for each probe
 * @param seconds how long measuring took
 */
public record SelfMeasurement(
    Machine machine, Limits limits, List<KernelRate> kernels, double seconds) {

  /**
   * How much time to take.
   *
   * @param limit for each limit, twice
   * @param kernel for each kernel
   * @param memoryBytes length of the array that is read from memory
   */
  public record Effort(Duration limit, Duration kernel, int memoryBytes) {
    /** About ten seconds. */
    public static final Effort FULL =
        new Effort(Duration.ofMillis(300), Duration.ofMillis(500), 1 << 28);

    /** About three seconds; kernels that compile late seem slower than they are. */
    public static final Effort QUICK =
        new Effort(Duration.ofMillis(100), Duration.ofMillis(120), 1 << 26);
  }

  /** Measures the limits, every kernel, and the limits again: the better of the two counts. */
  public static SelfMeasurement take(Effort effort) {
    return take(effort, Probes.ALL);
  }

  static SelfMeasurement take(Effort effort, List<Probe> probes) {
    long begin = System.nanoTime();
    Limits before = Limits.measure(effort.limit(), effort.memoryBytes());
    List<Measured> measured = new ArrayList<>();
    for (Probe probe : probes) {
      measured.add(Measured.of(probe, effort.kernel()));
    }
    Limits limits = before.best(Limits.measure(effort.limit(), effort.memoryBytes()));
    List<KernelRate> rates = measured.stream().map(kernel -> kernel.rate(limits)).toList();
    return new SelfMeasurement(Machine.here(), limits, rates, (System.nanoTime() - begin) * 1e-9);
  }

  /** A probe's costs and time; its operands are gone. */
  private record Measured(Probe probe, Costs costs, double seconds) {
    static Measured of(Probe probe, Duration budget) {
      Work work = probe.prepare().get();
      return new Measured(probe, work.costs(), Stopwatch.seconds(work.call(), budget));
    }

    KernelRate rate(Limits limits) {
      return KernelRate.of(probe, costs, seconds, limits);
    }
  }
}
