package io.tritmill.jobs.progress;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/**
 * Something that a command does and that may take a while: as long as it goes on, a line on stderr
 * says so whenever nothing was said for ten seconds.
 *
 * <pre>
 * CalibrationSet set = Activity.during("reading calibration data", () -> read(...));
 * </pre>
 *
 * <p>The one that began last speaks: what goes on inside another is nearer to what a person waits
 * for. Safe for concurrent use.
 */
public final class Activity implements AutoCloseable {
  private static final Watch WATCH = new Watch(Duration.ofSeconds(10), () -> System.err);

  private final Watch watch;
  private final String description;
  private final int steps;
  private final long begin = System.nanoTime();
  private int done;

  private Activity(Watch watch, String description, int steps) {
    this.watch = watch;
    this.description = description;
    this.steps = steps;
  }

  /**
   * Begins something of several steps.
   *
   * @param steps how many there are; 0 if nobody knows
   */
  public static Activity begin(String description, int steps) {
    return WATCH.begin(description, steps);
  }

  /** Does something and says so while it lasts. */
  public static <T> T during(String description, Supplier<T> work) {
    Activity activity = begin(description, 0);
    try {
      return work.get();
    } finally {
      activity.close();
    }
  }

  /** Does something that has no result, and says so while it lasts. */
  public static void during(String description, Runnable work) {
    Activity activity = begin(description, 0);
    try {
      work.run();
    } finally {
      activity.close();
    }
  }

  /** Notes that something else was said, so that there is no silence to break. */
  static void heard() {
    WATCH.heard();
  }

  /** Counts a step that is done. */
  public void step() {
    synchronized (watch) {
      done++;
    }
  }

  @Override
  public void close() {
    watch.end(this);
  }

  private String line(long now) {
    String share = steps > 1 ? ", %d of %d".formatted(done, steps) : "";
    return "%s%s, %s so far".formatted(description, share, Progress.duration((now - begin) / 1e9));
  }

  /** Breaks the silence; its thread lives as long as there is something to watch. */
  static final class Watch {
    private final long silence;
    private final Supplier<PrintStream> out;
    private final Deque<Activity> open = new ArrayDeque<>();
    private long lastWord;
    private Thread thread;

    /**
     * @param out where it speaks, asked each time
     */
    Watch(Duration silence, Supplier<PrintStream> out) {
      this.silence = silence.toNanos();
      this.out = out;
    }

    synchronized Activity begin(String description, int steps) {
      Activity activity = new Activity(this, description, steps);
      if (open.isEmpty()) {
        lastWord = System.nanoTime();
      }
      open.push(activity);
      if (thread == null) {
        thread = Thread.ofPlatform().daemon().name("activity").start(this::watch);
      }
      return activity;
    }

    synchronized void end(Activity activity) {
      open.remove(activity);
      notifyAll();
    }

    synchronized void heard() {
      lastWord = System.nanoTime();
    }

    private synchronized void watch() {
      try {
        while (!open.isEmpty()) {
          long now = System.nanoTime();
          long left = lastWord + silence - now;
          if (left <= 0) {
            out.get().println(open.peek().line(now));
            lastWord = now;
          } else {
            wait(Math.max(1, left / 1_000_000));
          }
        }
        thread = null;
      } catch (InterruptedException e) {
        // Nobody interrupts it but a JVM that ends.
        Thread.currentThread().interrupt();
      }
    }
  }
}
