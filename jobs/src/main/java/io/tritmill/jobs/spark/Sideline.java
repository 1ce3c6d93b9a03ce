package io.tritmill.jobs.spark;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Spark jobs that run beside the caller's, so that a job of few tasks does not leave a cluster
 * idle.
 *
 * <p>Each waits for its job on a thread of its own. The first that fails is thrown at the caller's
 * next call; no further one begins then.
 */
public final class Sideline implements AutoCloseable {
  private final int most;
  private final Semaphore free;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  /**
   * @param most jobs at a time, at least 1
   */
  public Sideline(int most) {
    this.most = most;
    free = new Semaphore(most);
  }

  /** Begins a job as soon as there is room, and does not wait for its end. */
  public void begin(Runnable job) {
    acquire(1);
    threads.execute(
        () -> {
          try {
            job.run();
          } catch (Throwable e) {
            failure.compareAndSet(null, e);
          } finally {
            free.release();
          }
        });
  }

  /** Waits for the end of all jobs that began. */
  public void await() {
    acquire(most);
    free.release(most);
  }

  private void acquire(int permits) {
    try {
      free.acquire(permits);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for Spark jobs", e);
    }
    if (failure.get() != null) {
      free.release(permits);
      throw Failures.ofJob(failure.get());
    }
  }

  /** Interrupts what still runs, which cancels its job. */
  @Override
  public void close() {
    threads.shutdownNow();
    threads.close();
  }
}
