package io.tritmill.jobs.progress;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * One line a step on stderr, with the time that is left: readable in a log as on a terminal.
 *
 * <p>The estimate begins when a tenth of the work is done and results have come for two seconds,
 * since what comes first is slow for reasons of its own, and goes by the pace of the latter half of
 * the time so far. Not safe for concurrent use.
 */
public final class Progress {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

  /** Work of which nothing is said yet about the time that is left, as a share of all. */
  private static final double UNTOLD = 0.1;

  /** The results of a task come at once: their pace is none before some more have come. */
  private static final long BURSTS = 2_000_000_000;

  /** Columns of the terminal that stderr is; not set where it is none. */
  private static final String COLUMNS = "tritmill.columns";

  private static final String CUT = "..";

  /** How much was done at a time. */
  private record Mark(long nanos, long cost) {}

  private final PrintStream out;
  private final int steps;
  private final long totalCost;
  private final LongSupplier clock;
  private final int columns;
  private final Deque<Mark> marks = new ArrayDeque<>();
  private long firstNanos;
  private long doneCost;
  private int doneSteps;

  /**
   * Begins now.
   *
   * @param steps lines that will be printed
   * @param totalCost work that is ahead, in any unit
   */
  public Progress(PrintStream out, int steps, long totalCost) {
    // The launcher knows whether there is a terminal, and how wide it is.
    this(out, steps, totalCost, System::nanoTime, Integer.getInteger(COLUMNS, Integer.MAX_VALUE));
  }

  /** The same by another clock, for a terminal of so many columns. */
  Progress(PrintStream out, int steps, long totalCost, LongSupplier clock, int columns) {
    this.out = out;
    this.steps = steps;
    this.totalCost = totalCost;
    this.clock = clock;
    this.columns = columns;
  }

  /** Counts work that is done. */
  public void advance(long cost) {
    doneCost += cost;
    long now = clock.getAsLong();
    if (marks.isEmpty()) {
      firstNanos = now;
    }
    marks.add(new Mark(now, doneCost));
    // What lies before the middle of the time so far is told apart by its last mark alone.
    long middle = firstNanos + (now - firstNanos) / 2;
    while (marks.size() > 2 && second().nanos() <= middle) {
      marks.removeFirst();
    }
  }

  private Mark second() {
    var each = marks.iterator();
    each.next();
    return each.next();
  }

  /** Prints the line of a step that is done. */
  public void step(String text) {
    step(text, "", "");
  }

  /**
   * Prints the line of a step that is done.
   *
   * @param name what was worked on; a narrow terminal sees the end of it
   * @param facts what came of it
   * @param brief what of that a narrow terminal sees
   */
  public void step(String name, String facts, String brief) {
    doneSteps++;
    int width = Integer.toString(steps).length();
    String place = String.format(Locale.ROOT, "[%" + width + "d/%d] ", doneSteps, steps);
    String left = remaining();
    String line = place + name + facts + left;
    if (line.length() > columns) {
      int room = columns - place.length() - brief.length() - left.length();
      line = place + end(name, room) + brief + left;
    }
    out.println(line);
    Activity.heard();
  }

  private static String end(String name, int room) {
    int kept = Math.max(1, room - CUT.length());
    return name.length() <= room ? name : CUT + name.substring(name.length() - kept);
  }

  /** What is left, as the end of a line; empty while nobody can tell. */
  private String remaining() {
    Mark before = marks.peekFirst();
    Mark now = marks.peekLast();
    if (doneSteps >= steps
        || before == now
        || doneCost < UNTOLD * totalCost
        || now.nanos() - firstNanos < BURSTS) {
      return "";
    }
    double pace = (double) (now.nanos() - before.nanos()) / (now.cost() - before.cost());
    return "  ETA " + duration(pace * (totalCost - doneCost) / 1e9);
  }

  /** Seconds as a person writes them: 4s, 6m10s, 2h05m. */
  public static String duration(double seconds) {
    Duration time = Duration.ofSeconds(Math.round(seconds));
    if (time.toHours() > 0) {
      return String.format(Locale.ROOT, "%dh%02dm", time.toHours(), time.toMinutesPart());
    }
    return time.toMinutes() > 0
        ? String.format(Locale.ROOT, "%dm%02ds", time.toMinutes(), time.toSecondsPart())
        : time.toSeconds() + "s";
  }

  /**
   * Bits per weight in the words that they have everywhere.
   *
   * @param layers stored bits of a compressed weight, scales and padding counted; NaN where none is
   * @param file stored bits of a weight over all tensors
   */
  public static String bits(double layers, double file) {
    return Double.isNaN(layers)
        ? String.format(Locale.ROOT, "%.3f over the whole file, no layer is compressed", file)
        : String.format(
            Locale.ROOT, "%.3f in compressed layers, %.3f over the whole file", layers, file);
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

  /** A number of things as a person writes it: 1 executor, 1,825 bands. */
  public static String count(long number, String thing) {
    return String.format(Locale.ROOT, number == 1 ? "%,d %s" : "%,d %ss", number, thing);
  }
}
