package io.tritmill.jobs.bench;

import java.time.Duration;
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
   * @param rounds turns of everything; the best of them counts
   * @param limit for each limit in a round
   * @param kernels for all kernels together in a round; one slow call of each at least
   * @param memoryBytes length of the array that is read from memory
   */
  public record Effort(int rounds, Duration limit, Duration kernels, int memoryBytes) {
    /** About ten seconds. */
    public static final Effort FULL =
        new Effort(4, Duration.ofMillis(80), Duration.ofMillis(1900), 1 << 28);

    /** About four seconds, of which the compiler takes its part: rates are lower than in full. */
    public static final Effort QUICK =
        new Effort(3, Duration.ofMillis(40), Duration.ofMillis(700), 1 << 26);
  }

  /** Measures limits and kernels in turns. */
  public static SelfMeasurement take(Effort effort) {
    return take(effort, Probes.ALL);
  }

  /** Measures some of the kernels: while one runs, the compiler finishes with those before it. */
  static SelfMeasurement take(Effort effort, List<Probe> probes) {
    long begin = System.nanoTime();
    Limits limits = Limits.NONE;
    List<RunningProbe> running = probes.stream().map(RunningProbe::new).toList();
    for (int round = 0; round < effort.rounds(); round++) {
      limits = limits.best(Limits.measure(effort.limit(), effort.memoryBytes()));
      for (RunningProbe probe : running) {
        probe.run(effort.kernels().dividedBy(probes.size()));
      }
    }
    Limits reached = limits;
    List<KernelRate> rates = running.stream().map(probe -> probe.rate(reached)).toList();
    return new SelfMeasurement(Machine.here(), limits, rates, (System.nanoTime() - begin) * 1e-9);
  }

  /** A probe with its operands and the best time so far. */
  private static final class RunningProbe {
    private final Probe probe;
    private final Work work;
    private double seconds = Double.POSITIVE_INFINITY;

    RunningProbe(Probe probe) {
      this.probe = probe;
      work = probe.prepare().get();
    }

    void run(Duration budget) {
      seconds = Math.min(seconds, Stopwatch.seconds(work.call(), budget));
    }

    KernelRate rate(Limits limits) {
      return KernelRate.of(probe, work.costs(), seconds, limits);
    }
  }
}
