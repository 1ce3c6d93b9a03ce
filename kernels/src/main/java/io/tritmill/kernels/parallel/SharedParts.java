package io.tritmill.kernels.parallel;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** Parts of one piece of work, taken one by one by the thread that needs them and its helpers. */
final class SharedParts {
  /** Threads come as they are needed and go after a minute without work. */
  private static final ExecutorService HELPERS =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().daemon().name("tritmill-helper-", 0).factory());

  private final int parts;
  private final IntConsumer part;
  private final Cores cores;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger helpers = new AtomicInteger();
  private final CountDownLatch open;
  private int failed = Integer.MAX_VALUE;
  private Throwable failure;

  SharedParts(int parts, IntConsumer part, Cores cores) {
    this.parts = parts;
    this.part = part;
    this.cores = cores;
    open = new CountDownLatch(parts);
  }

  /** Runs all parts; the calling thread takes part. */
  void run() {
    for (int i = next.getAndIncrement(); i < parts; i = next.getAndIncrement()) {
      try {
        callHelpers();
      } catch (Throwable e) {
        // No thread to be had: nothing more begins, and those that run are waited for.
        fail(-1, e);
      }
      run(i);
    }
    await();
    rethrow();
  }

  /** As many as there are idle cores and parts left; cores that fall idle later help too. */
  private void callHelpers() {
    int wanted = Math.min(cores.share() - 1, parts - next.get());
    while (helpers.get() < wanted) {
      helpers.incrementAndGet();
      HELPERS.execute(this::help);
    }
  }

  private void help() {
    // A helper leaves as soon as another task needs the core.
    while (helpers.get() < cores.share()) {
      int i = next.getAndIncrement();
      if (i >= parts) {
        break;
      }
      run(i);
    }
    helpers.decrementAndGet();
  }

  private void run(int i) {
    try {
      if (i < firstFailed()) {
        part.accept(i);
      }
    } catch (Throwable e) {
      fail(i, e);
    } finally {
      open.countDown();
    }
  }

  private synchronized int firstFailed() {
    return failed;
  }

  private synchronized void fail(int i, Throwable cause) {
    if (i < failed) {
      failed = i;
      failure = cause;
    }
  }

  /** Helpers write into arrays of the caller, so it waits for them whatever happens to it. */
  private void await() {
    boolean interrupted = false;
    while (true) {
      try {
        open.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void rethrow() {
    switch (failure) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(failure);
    }
  }
}
