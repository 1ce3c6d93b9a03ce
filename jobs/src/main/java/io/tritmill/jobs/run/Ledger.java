package io.tritmill.jobs.run;

import io.tritmill.jobs.storage.CheckedJson;
import io.tritmill.jobs.storage.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * The list of accepted results that a resumed run builds on.
 *
 * <p>A directory of JSON files, each an array of entries, each there whole or not at all. Entries
 * are handed over by the scheduler's thread and written by one of the ledger's own, as many at a
 * time as have gathered: a slow store delays no task.
 *
 * @param <E> a record that Jackson reads and writes
 */
public final class Ledger<E extends Record> implements AutoCloseable {
  private static final String SUFFIX = ".json";
  private static final int MAX_FILE = 1 << 28;

  private final Storage storage;
  private final Path directory;
  private final BlockingQueue<List<E>> queue = new LinkedBlockingQueue<>();
  private final Thread writer = Thread.ofPlatform().name("ledger").unstarted(this::writeAll);
  private int next;
  private volatile RuntimeException failure;

  /** Opens the ledger for appending after its newest file. */
  public Ledger(Storage storage, Path directory) {
    this.storage = storage;
    this.directory = directory;
    this.next = files(storage, directory).stream().mapToInt(Ledger::sequence).max().orElse(0) + 1;
    writer.start();
  }

  /**
   * All entries, oldest first; none when there is no ledger.
   *
   * @param onUnreadable gets a sentence for each file that a crash of the machine has left
   *     unreadable or another release wrote, and for each entry whose numbers are not those of its
   *     checksum; they are lost, and what they stood for has to be done again
   */
  public static <E extends Record> List<E> read(
      Storage storage, Path directory, Class<E> entry, Consumer<String> onUnreadable) {
    List<E> entries = new ArrayList<>();
    for (Path file : files(storage, directory)) {
      byte[] content = storage.read(file, MAX_FILE);
      entries.addAll(CheckedJson.readAll(file.toString(), content, entry, onUnreadable));
    }
    return entries;
  }

  /**
   * Accepts an entry; it is durable soon after, and when {@link #close} returns. Throws what kept
   * an earlier entry from being so.
   */
  public void append(E entry) {
    if (failure != null) {
      throw failure;
    }
    queue.add(List.of(entry));
  }

  /** Waits until every entry is durable; throws what kept one from being so. */
  @Override
  public void close() {
    queue.add(List.of());
    try {
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while writing " + directory, e);
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void writeAll() {
    try {
      boolean open = true;
      while (open) {
        List<List<E>> gathered = new ArrayList<>();
        gathered.add(queue.take());
        queue.drainTo(gathered);
        open = gathered.stream().noneMatch(List::isEmpty);
        List<E> entries = gathered.stream().flatMap(List::stream).toList();
        if (!entries.isEmpty()) {
          Path file = new Path(directory, "%08d%s".formatted(next++, SUFFIX));
          storage.publish(file, CheckedJson.document(entries));
        }
      }
    } catch (InterruptedException e) {
      failure = new IllegalStateException("Interrupted while writing " + directory, e);
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  private static List<Path> files(Storage storage, Path directory) {
    if (!storage.exists(directory)) {
      return List.of();
    }
    return storage.list(directory).stream()
        .map(FileStatus::getPath)
        .filter(path -> path.getName().matches("\\d{8}\\.json"))
        .toList();
  }

  private static int sequence(Path file) {
    return Integer.parseInt(file.getName().substring(0, 8));
  }
}
