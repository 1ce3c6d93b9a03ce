package io.tritmill.jobs.run;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Json;
import io.tritmill.jobs.storage.Storage;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * The right to write in a run directory, held by one application at a time: the file {@code _LOCK}.
 *
 * <p>Its holder renews it every few seconds. A lock is stale when its process is gone, which is
 * known at once on its own machine, or when nobody has renewed it for a while, which is watched
 * from elsewhere, so that no two clocks are ever compared. The file is written in place and read
 * back, without a rename. Where a store lets two applications write it at the same moment, the one
 * whose content stays has won; the other learns that at its next renewal, and stops.
 */
public final class RunLock implements AutoCloseable {
  private static final int MAX_BYTES = 1 << 16;

  /**
   * How long things take.
   *
   * @param renewal between two renewals
   * @param stale without a renewal, a lock is stale
   * @param poll between two looks at a lock that is watched
   */
  record Pace(Duration renewal, Duration stale, Duration poll) {
    static final Pace USUAL =
        new Pace(Duration.ofSeconds(3), Duration.ofSeconds(20), Duration.ofMillis(500));
  }

  private final Storage storage;
  private final Path file;
  private final Pace pace;
  private final Consumer<String> remarks;
  private final Thread renewing = Thread.ofPlatform().daemon().name("lock").unstarted(this::renew);
  private volatile LockHolder own;
  private volatile LockHolder lostTo;
  private volatile boolean closed;

  private RunLock(Storage storage, Path file, LockHolder own, Consumer<String> remarks, Pace pace) {
    this.storage = storage;
    this.file = file;
    this.own = own;
    this.remarks = remarks;
    this.pace = pace;
  }

  /**
   * Takes the lock of a run directory, if need be from an application that is dead.
   *
   * @param application what the holder is called, as a rule Spark's id of the application
   * @param remarks gets a sentence when the lock of a dead application is taken over, and when the
   *     lock cannot be renewed; on any thread
   * @throws BadInputException if another application holds it and is alive
   */
  public static RunLock acquire(
      Storage storage, RunDirectory run, String application, Consumer<String> remarks) {
    return acquire(storage, run, LockHolder.here(application), remarks, Pace.USUAL);
  }

  static RunLock acquire(
      Storage storage, RunDirectory run, LockHolder own, Consumer<String> remarks, Pace pace) {
    RunLock lock = new RunLock(storage, run.lock(), own, remarks, pace);
    if (!storage.createNew(run.lock(), Json.document(own))) {
      lock.awaitStale(run);
      storage.write(run.lock(), Json.document(own));
    }
    // Whoever wrote at the same moment is seen now; whoever writes later sees this one's content.
    Optional<LockHolder> winner = lock.holder();
    if (winner.isPresent() && !winner.get().sameAs(own)) {
      throw inUse(run, winner.get());
    }
    lock.renewing.start();
    return lock;
  }

  /**
   * Requires that the lock is still this application's.
   *
   * @throws BadInputException if another application took it over, having seen no sign of life
   */
  public void require() {
    if (lostTo != null) {
      throw BadInputException.conflict(
          "%s: %s took over the run, because this application had not renewed its lock for %d s;"
              + " leave the run to it",
          file.getParent(), lostTo.inWords(), pace.stale().toSeconds());
    }
  }

  /** Gives the lock back. */
  @Override
  public void close() {
    closed = true;
    renewing.interrupt();
    try {
      renewing.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (lostTo == null) {
      storage.delete(file);
    }
  }

  /** Returns once the lock is gone or stale. */
  private void awaitStale(RunDirectory run) {
    String first = signature();
    long begin = System.nanoTime();
    while (true) {
      Optional<LockHolder> holder = holder();
      if (holder.isPresent() && holder.get().isOfThisMachine()) {
        if (holder.get().isAlive()) {
          throw inUse(run, holder.get());
        }
        remarks.accept(
            "%s: takes over the lock of %s: its process is gone"
                .formatted(run.path(), holder.get().inWords()));
        return;
      }
      String now = signature();
      if (now.isEmpty()) {
        return;
      }
      if (!now.equals(first) && holder.isPresent()) {
        throw inUse(run, holder.get());
      }
      if (System.nanoTime() - begin > pace.stale().toNanos()) {
        remarks.accept(
            "%s: takes over the lock of %s: it was not renewed for %d s"
                .formatted(
                    run.path(),
                    holder.map(LockHolder::inWords).orElse("an unknown application"),
                    pace.stale().toSeconds()));
        return;
      }
      sleep(pace.poll());
    }
  }

  /** Who the lock names; empty while there is none, or while one is being written. */
  private Optional<LockHolder> holder() {
    try {
      return Optional.of(
          Json.read(
              file.toString(), storage.read(file, MAX_BYTES), new TypeReference<LockHolder>() {}));
    } catch (BadInputException e) {
      return Optional.empty();
    }
  }

  /** Changes with every renewal; empty when there is no lock. */
  private String signature() {
    try {
      FileStatus status = storage.status(file);
      String content = new String(storage.read(file, MAX_BYTES), StandardCharsets.UTF_8);
      return "%d %s".formatted(status.getModificationTime(), content);
    } catch (BadInputException e) {
      return "";
    }
  }

  private void renew() {
    while (!closed) {
      try {
        Thread.sleep(pace.renewal());
        Optional<LockHolder> holder = holder();
        if (holder.isPresent() && !holder.get().sameAs(own)) {
          lostTo = holder.get();
          return;
        }
        own = own.renewed();
        storage.write(file, Json.document(own));
      } catch (InterruptedException e) {
        return;
      } catch (UncheckedIOException e) {
        // A store that fails for a moment, or a full disk: the next renewal may succeed, and if
        // none
        // does in time, whoever takes over is seen then.
        remarks.accept("warning: %s: cannot be renewed: %s".formatted(file, e.getMessage()));
      }
    }
  }

  private static BadInputException inUse(RunDirectory run, LockHolder holder) {
    return BadInputException.conflict(
        "%s: %s is working in this directory; wait until it has ended",
        run.path(), holder.inWords());
  }

  private static void sleep(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for a lock", e);
    }
  }
}
