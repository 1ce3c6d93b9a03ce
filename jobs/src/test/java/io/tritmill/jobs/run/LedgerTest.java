package io.tritmill.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
    return Ledger.read(storage, ledger(), Entry.class, unreadable::add);
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
  void anEntryWhoseNumberWasChangedIsLostAloneAndIsSaid() throws IOException {
    append(new Entry("a", 4.51), new Entry("b", 2), new Entry("c", 1.5f));
    Path file = files().getFirst();
    Files.writeString(file, Files.readString(file).replace("4.51", "0.51"));

    assertEquals(List.of(new Entry("b", 2), new Entry("c", 1.5f)), read());
    assertEquals(
        List.of("file:%s: entry 1: does not have its own checksum, it was changed".formatted(file)),
        unreadable);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[null]", "[3]", "[{}]", "{}", "[[]]", "[{\"checksum\": null}]", ""})
  void whatIsNoEntryIsSaidAndIsNone(String content) throws IOException {
    append(new Entry("a", 1));
    Files.writeString(directory.resolve("ledger/00000002.json"), content);

    assertEquals(List.of(new Entry("a", 1)), read());
    assertEquals(1, unreadable.size(), unreadable.toString());
    assertTrue(unreadable.getFirst().contains("ledger/00000002.json: "), unreadable.toString());
  }

  @Test
  void aMissingNumberIsNotZero() throws IOException {
    append(new Entry("a", 0));
    Path file = files().getFirst();
    Files.writeString(file, Files.readString(file).replace("\"value\" : 0.0,", ""));

    assertEquals(List.of(), read());
    assertTrue(unreadable.getFirst().endsWith("value: value is missing"), unreadable.toString());
  }

  @Test
  void ofAnEarlierReleaseNothingIsUsedAndThatIsSaidOnceAFile() throws IOException {
    Files.createDirectories(directory.resolve("ledger"));
    Files.writeString(
        directory.resolve("ledger/00000001.json"),
        "[{\"key\": \"a\", \"value\": 1.0}, {\"key\": \"b\", \"value\": 1.0}]");

    assertEquals(List.of(), read());
    assertEquals(1, unreadable.size());
    assertTrue(
        unreadable.getFirst().endsWith("no checksums of its entries, an earlier release wrote it"));
  }

  @Test
  void closingSaysWhatKeptAnEntryFromBeingDurable() {
    Storage full = new Storage(FullDisk.configuration());
    Ledger<Entry> ledger = new Ledger<>(full, FullDisk.path(directory.resolve("ledger")));
    ledger.append(new Entry("x", 1));

    UncheckedIOException failure = assertThrows(UncheckedIOException.class, ledger::close);

    String reason = failure.getCause().getMessage();
    assertTrue(reason.contains("No space left on device"), reason);
    assertThrows(UncheckedIOException.class, () -> ledger.append(new Entry("y", 2)));
    assertEquals(List.of(), read());
  }
}
