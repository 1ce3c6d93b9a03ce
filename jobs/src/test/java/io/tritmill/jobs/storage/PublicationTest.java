package io.tritmill.jobs.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tritmill.jobs.FullDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublicationTest {
  private static final byte[] OLD = "old".getBytes(StandardCharsets.UTF_8);
  private static final byte[] NEW = "something new".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path directory;

  private final Storage storage = new Storage(new Configuration());

  private org.apache.hadoop.fs.Path file() {
    return storage.path(directory.resolve("file").toString());
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void nothingIsSeenUnderTheNameBeforeTheCommit() throws IOException {
    try (Publication publication = storage.publication(file(), "1")) {
      publication.stream().write(NEW);
      publication.stream().flush();
      assertFalse(Files.exists(directory.resolve("file")));
      publication.commit();
    }

    assertArrayEquals(NEW, Files.readAllBytes(directory.resolve("file")));
    assertEquals(List.of("file"), names());
  }

  @Test
  void closedWithoutACommitItLeavesNothing() throws IOException {
    try (Publication publication = storage.publication(file(), "1")) {
      publication.stream().write(NEW);
    }

    assertEquals(List.of(), names());
  }

  @Test
  void anOlderFileStaysUntilTheCommitAndIsThenReplaced() throws IOException {
    storage.write(file(), OLD);

    try (Publication publication = storage.publication(file(), "1")) {
      publication.stream().write(NEW);
      assertArrayEquals(OLD, Files.readAllBytes(directory.resolve("file")));
      publication.commit();
    }

    assertArrayEquals(NEW, Files.readAllBytes(directory.resolve("file")));
  }

  /** What a killed writer leaves is then not among the files that are meant to stay. */
  @Test
  void anUnfinishedFileLiesInTheDirectoryForDrafts() throws IOException {
    org.apache.hadoop.fs.Path drafts = storage.path(directory.resolve("drafts").toString());
    Path model = directory.resolve("model");
    org.apache.hadoop.fs.Path file = storage.path(model.resolve("file").toString());

    Publication killed = storage.publication(file, drafts, "1");
    killed.stream().write(OLD);
    killed.stream().flush();
    assertFalse(Files.exists(model));
    try (Publication publication = storage.publication(file, drafts, "2")) {
      publication.stream().write(NEW);
      publication.commit();
    }

    assertArrayEquals(NEW, Files.readAllBytes(model.resolve("file")));
    try (Stream<Path> files = Files.list(model)) {
      assertEquals(1, files.count());
    }
    assertEquals(List.of("drafts", "model"), names());
    killed.close();
  }

  @Test
  void attemptsAtTheSameTimeDoNotMeet() throws IOException {
    try (Publication first = storage.publication(file(), "1");
        Publication second = storage.publication(file(), "2")) {
      first.stream().write(OLD);
      second.stream().write(NEW);
      first.commit();
      second.commit();
    }

    assertArrayEquals(NEW, Files.readAllBytes(directory.resolve("file")));
    assertEquals(List.of("file"), names());
  }

  @Test
  void aFullDiskLeavesTheOlderFileAndNoRest() throws IOException {
    storage.write(file(), OLD);
    Storage full = new Storage(FullDisk.configuration());
    org.apache.hadoop.fs.Path onFull = FullDisk.path(directory.resolve("file"));

    assertThrows(UncheckedIOException.class, () -> full.publish(onFull, NEW));

    assertArrayEquals(OLD, Files.readAllBytes(directory.resolve("file")));
    assertEquals(List.of("file"), names());
  }
}
