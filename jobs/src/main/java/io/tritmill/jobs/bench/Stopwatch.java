package io.tritmill.jobs.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * Times a call that runs in this thread alone.
 *
 * <p>Calls are repeated in passes of some milliseconds, and the best pass counts: the first ones
 * warm the compiler up. Time is what the thread was given by the processor where the JVM knows it,
 * so that a machine shared with others is measured as if it were ours.
 */
public final class Stopwatch {
  private static final long PASS_NANOS = 4_000_000;
  private static final double GAIN = 1.1;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final boolean PROCESSOR_TIME = THREADS.isCurrentThreadCpuTimeSupported();

  /** Takes the calls' results, so that no call is superfluous. */
  private static volatile double results;

  private Stopwatch() {}

  /**
   * Seconds of one call.
   *
   * @param call work whose result depends on all of it
   * @param budget how long to repeat it, in the same time; a call that is longer runs once
   */
  public static double seconds(DoubleSupplier call, Duration budget) {
    long end = now() + budget.toNanos();
    double best = Double.POSITIVE_INFINITY;
    long calls = 1;
    do {
      long begin = now();
      double sum = 0;
      for (long i = 0; i < calls; i++) {
        sum += call.getAsDouble();
      }
      long spent = now() - begin;
      results = sum;
      if (spent >= PASS_NANOS) {
        best = Math.min(best, spent * 1e-9 / calls);
      } else {
        calls *= 2;
      }
    } while (best == Double.POSITIVE_INFINITY || now() - end < 0);
    return best;
  }

  /**
   * Seconds of one call after the compiler is done with it, as far as can be seen: turns of {@link
   * #seconds} until one gains nothing.
   *
   * @param turn how long to repeat the call in a turn
   * @param most turns, at least 2
   */
  public static double settledSeconds(DoubleSupplier call, Duration turn, int most) {
    double best = seconds(call, turn);
    for (int turns = 1; turns < most; turns++) {
      double next = seconds(call, turn);
      boolean gained = gains(best, next);
      best = Math.min(best, next);
      if (!gained) {
        break;
      }
    }
    return best;
  }

  /** Whether a time is shorter than the one before it by more than noise. */
  static boolean gains(double before, double after) {
    return before > GAIN * after;
  }

  private static long now() {
    return PROCESSOR_TIME ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
  }
}
