package io.tritmill.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tritmill.jobs.FullDisk;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
  /** What a test enters. */
  public record Entry(String key, double value) {
    public Entry {
      java.util.Objects.requireNonNull(key);
    }
  }

  @TempDir private Path directory;

  private final Storage storage = new Storage(new Configuration());
  private final List<String> unreadable = new ArrayList<>();

  private org.apache.hadoop.fs.Path ledger() {
    return storage.path(directory.resolve("ledger").toString());
  }

  private List<Entry> read() {
    return Ledger.read(storage, ledger(), new TypeReference<List<Entry>>() {}, unreadable::add);
  }

  private void append(Entry... entries) {
    try (Ledger<Entry> ledger = new Ledger<>(storage, ledger())) {
      for (Entry entry : entries) {
        ledger.append(entry);
      }
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("ledger"))) {
      return files.sorted().toList();
    }
  }

  @Test
  void whereThereIsNoneThereAreNoEntries() {
    assertEquals(List.of(), read());
  }

  @Test
  void entriesComeBackInTheirOrderAndWithEveryBit() {
    List<Entry> entries =
        IntStream.range(0, 500).mapToObj(i -> new Entry("key " + i, Math.PI / (i + 1))).toList();

    append(entries.toArray(Entry[]::new));

    assertEquals(entries, read());
  }

  @Test
  void aLedgerThatIsOpenedAgainGoesOn() throws IOException {
    append(new Entry("a", 1));
    append();
    append(new Entry("b", 2), new Entry("c", 3));

    assertEquals(List.of(new Entry("a", 1), new Entry("b", 2), new Entry("c", 3)), read());
    assertEquals("00000001.json", files().getFirst().getFileName().toString());
  }

  @Test
  void whatAKilledAttemptWasWritingIsNoPartOfIt() throws IOException {
    append(new Entry("a", 1));
    Files.writeString(directory.resolve("ledger/.00000002.json.publish"), "[{\"key\":");

    assertEquals(List.of(new Entry("a", 1)), read());
    append(new Entry("b", 2));
    assertEquals(List.of(new Entry("a", 1), new Entry("b", 2)), read());
  }

  @Test
  void anUnreadableFileLosesItsOwnEntriesAndIsSaid() throws IOException {
    append(new Entry("a", 1));
    append(new Entry("b", 2));
    append(new Entry("c", 3));
    append(new Entry("d", 4));
    Files.write(files().get(1), new byte[200]);
    Files.writeString(files().get(2), "[{\"value\": 3}]");

    assertEquals(List.of(new Entry("a", 1), new Entry("d", 4)), read());
    assertEquals(2, unreadable.size());
    assertTrue(
        unreadable.getFirst().contains("ledger/00000002.json: is not the JSON expected here"),
        unreadable.getFirst());
  }

  @Test
  void closingSaysWhatKeptAnEntryFromBeingDurable() {
    Storage full = new Storage(FullDisk.configuration());
    Ledger<Entry> ledger = new Ledger<>(full, FullDisk.path(directory.resolve("ledger")));
    ledger.append(new Entry("x", 1));

    UncheckedIOException failure = assertThrows(UncheckedIOException.class, ledger::close);

    assertTrue(failure.getMessage().contains("No space left on device"), failure.getMessage());
    assertThrows(UncheckedIOException.class, () -> ledger.append(new Entry("y", 2)));
    assertEquals(List.of(), read());
  }
}
