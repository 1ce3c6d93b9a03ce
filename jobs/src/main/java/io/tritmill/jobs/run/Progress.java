package io.tritmill.jobs.run;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/**
 * One line a step on stderr, with the time that is left: readable in a log as on a terminal.
 *
 * <p>Not safe for concurrent use.
 */
public final class Progress {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

  private final PrintStream out;
  private final int steps;
  private final long totalCost;
  private final long begin = System.nanoTime();
  private long doneCost;
  private int doneSteps;

  /**
   * Begins now.
   *
   * @param steps lines that will be printed
   * @param totalCost work that is ahead, in any unit
   */
  public Progress(PrintStream out, int steps, long totalCost) {
    this.out = out;
    this.steps = steps;
    this.totalCost = totalCost;
  }

  /** Counts work that is done. */
  public void advance(long cost) {
    doneCost += cost;
  }

  /** Prints the line of a step that is done. */
  public void step(String text) {
    doneSteps++;
    int width = Integer.toString(steps).length();
    out.println(("[%" + width + "d/%d] %s ETA %s").formatted(doneSteps, steps, text, remaining()));
  }

  private String remaining() {
    double elapsed = (System.nanoTime() - begin) / 1e9;
    double left = doneCost == 0 ? 0 : elapsed * (totalCost - doneCost) / doneCost;
    return duration(left);
  }

  /** Seconds as a person writes them: 4s, 6m10s, 2h05m. */
  public static String duration(double seconds) {
    Duration time = Duration.ofSeconds(Math.round(seconds));
    if (time.toHours() > 0) {
      return "%dh%02dm".formatted(time.toHours(), time.toMinutesPart());
    }
    return time.toMinutes() > 0
        ? "%dm%02ds".formatted(time.toMinutes(), time.toSecondsPart())
        : "%ds".formatted(time.toSeconds());
  }

  /** Bytes as a person writes them: 82.8 KiB. */
  public static String bytes(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, UNITS[unit]);
  }
}
