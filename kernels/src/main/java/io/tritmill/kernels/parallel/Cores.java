package io.tritmill.kernels.parallel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * The cores of this process, shared out evenly among the tasks that run on it.
 *
 * <p>A cluster gives a task one core. Where a process has more cores than tasks, those that idle
 * take parts of the work of those that run: a task of eight cores' process has all eight while it
 * is alone, four while it is one of two. Tasks that come later get their cores back as soon as the
 * parts at hand are done.
 *
 * <p>Whoever cuts work into parts sees to it that their number and order change no bit of the
 * result. Outside {@link #lend}, and within a part, everything runs on the thread that asks.
 */
public final class Cores {
  private static final AtomicInteger TASKS = new AtomicInteger();
  private static final ThreadLocal<Cores> OF_THREAD = new ThreadLocal<>();

  private final int granted;

  private Cores(int granted) {
    this.granted = granted;
  }

  /**
   * Runs a task that may use idle cores.
   *
   * @param cores of this process, at least 1
   * @return what the task returns
   */
  public static <T> T lend(int cores, Supplier<T> task) {
    if (cores < 1) {
      throw new IllegalArgumentException("a process has at least one core, found " + cores);
    }
    Cores outer = OF_THREAD.get();
    OF_THREAD.set(new Cores(cores));
    TASKS.incrementAndGet();
    try {
      return task.get();
    } finally {
      TASKS.decrementAndGet();
      OF_THREAD.set(outer);
    }
  }

  /** Cores that the caller may use now, its own among them. */
  public static int available() {
    Cores cores = OF_THREAD.get();
    return cores == null ? 1 : cores.share();
  }

  /**
   * Runs parts 0 to {@code parts - 1}, each once, and returns when all are done.
   *
   * <p>They begin in ascending order, on this thread and on cores that idle. What parts write can
   * be read afterwards. Where parts fail the failure of the first of them is thrown, and later ones
   * may not have been run.
   */
  public static void each(int parts, IntConsumer part) {
    Cores cores = OF_THREAD.get();
    if (cores == null || parts < 2) {
      for (int i = 0; i < parts; i++) {
        part.accept(i);
      }
      return;
    }
    OF_THREAD.remove();
    try {
      new SharedParts(parts, part, cores).run();
    } finally {
      OF_THREAD.set(cores);
    }
  }

  /** What one of the running tasks may use. */
  int share() {
    return Math.max(1, granted / Math.max(1, TASKS.get()));
  }
}
