package io.tritmill.jobs.bench;

import io.tritmill.jobs.storage.MayBeMissing;
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
    @MayBeMissing Machine machine,
    @MayBeMissing Limits limits,
    @MayBeMissing List<KernelRate> kernels,
    @MayBeMissing double seconds) {

  /**
   * How much time to take.
   *
   * @param rounds turns of everything, at least; the best of them counts
   * @param most turns at most, when something is still gaining
   * @param round time of a turn; a call that takes longer than its part is finished
   * @param memoryBytes length of the array that is read from memory
   */
  public record Effort(int rounds, int most, Duration round, int memoryBytes) {
    /** The best of several turns: ten seconds and more, more still on a busy machine. */
    public static final Effort FULL = new Effort(4, 8, Duration.ofMillis(2000), 1 << 28);

    /** The best of a few turns. */
    public static final Effort QUICK = new Effort(3, 6, Duration.ofMillis(800), 1 << 26);
  }

  /**
   * How much faster a core of the machine of this measurement is than one here, by the kernel that
   * most of compressing is spent in.
   *
   * @throws IllegalArgumentException if the measurement has no such kernel
   */
  public double speedAgainstHere() {
    Probe probe = Probes.TWO_PLANES;
    double there =
        kernels.stream()
            .filter(k -> k.kernel().equals(probe.kernel()) && k.shape().equals(probe.shape()))
            .mapToDouble(KernelRate::rate)
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "has no rate of the kernel %s, %s"
                            .formatted(probe.kernel(), probe.shape())));
    Work work = probe.prepare().get();
    double seconds = Stopwatch.settledSeconds(work.call(), Duration.ofMillis(300), 6);
    return there / probe.unit().rate(work.costs().amount(), seconds);
  }

  /** Measures limits and kernels in turns. */
  public static SelfMeasurement take(Effort effort) {
    return take(effort, Probes.ALL);
  }

  /**
   * Measures some of the kernels. While one runs the compiler finishes with those before it, so
   * turns are taken until nothing gains from it.
   */
  static SelfMeasurement take(Effort effort, List<Probe> probes) {
    long begin = System.nanoTime();
    LimitProbes limitProbes = new LimitProbes(effort.memoryBytes());
    List<RunningProbe> kernels = probes.stream().map(RunningProbe::new).toList();
    List<RunningProbe> all = new ArrayList<>(limitProbes.all());
    all.addAll(kernels);
    Duration each = effort.round().dividedBy(all.size());
    boolean gaining = true;
    for (int round = 0; round < effort.rounds() || gaining && round < effort.most(); round++) {
      gaining = false;
      for (RunningProbe probe : all) {
        gaining |= probe.run(each);
      }
    }
    Limits limits = limitProbes.limits();
    List<KernelRate> rates = kernels.stream().map(probe -> probe.rate(limits)).toList();
    return new SelfMeasurement(Machine.here(), limits, rates, (System.nanoTime() - begin) * 1e-9);
  }
}
