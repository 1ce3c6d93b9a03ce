package io.tritmill.jobs.bench;

import java.time.Duration;

/** A probe with its operands and the best time so far. */
final class RunningProbe {
  private final Probe probe;
  private final Work work;
  private double seconds = Double.POSITIVE_INFINITY;

  RunningProbe(Probe probe) {
    this.probe = probe;
    work = probe.prepare().get();
  }

  /**
   * Repeats the call for a time.
   *
   * @return whether it was clearly faster than ever before
   */
  boolean run(Duration budget) {
    double before = seconds;
    seconds = Math.min(seconds, Stopwatch.seconds(work.call(), budget));
    return Stopwatch.gains(before, seconds);
  }

  /** The best rate so far, in the probe's unit. */
  double rate() {
    return probe.unit().rate(work.costs().amount(), seconds);
  }

  /** The best rate so far against the limits. */
  KernelRate rate(Limits limits) {
    return KernelRate.of(probe, work.costs(), seconds, limits);
  }
}
