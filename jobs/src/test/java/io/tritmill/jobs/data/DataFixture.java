package io.tritmill.jobs.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.function.Executable;

/** What the tests of this package share: files, documents as lists, and how failures look. */
final class DataFixture {
  static final Storage STORAGE = new Storage(new Configuration());

  private DataFixture() {}

  /** A file or folder outside the repository; the test is skipped where it is missing. */
  static Path shared(String name) {
    String root = System.getProperty("tritmill.shared");
    assumeTrue(root != null && Files.exists(Path.of(root, name)), name + " is not here");
    return Path.of(root, name);
  }

  /** A copy of a file that is kept beside the tests. */
  static Path resource(String name, Path folder) throws IOException {
    try (InputStream in = DataFixture.class.getResourceAsStream(name)) {
      Path copy = folder.resolve(name);
      Files.copy(in, copy);
      return copy;
    }
  }

  static Documents open(Path path) {
    return open(path, Documents.Selection.DEFAULT);
  }

  static Documents open(Path path, Documents.Selection selection) {
    return Documents.open(STORAGE, STORAGE.path(path.toString()), selection);
  }

  static Documents.Selection split(String name) {
    return new Documents.Selection(Optional.of(name), Optional.empty());
  }

  static Documents.Selection column(String name) {
    return new Documents.Selection(Optional.empty(), Optional.of(name));
  }

  static List<Document> all(Documents documents) {
    List<Document> all = new ArrayList<>();
    try (DocumentReader reader = documents.read()) {
      for (Optional<Document> next = reader.next(); next.isPresent(); next = reader.next()) {
        all.add(next.get());
      }
    }
    return all;
  }

  static List<String> texts(Documents documents) {
    return all(documents).stream().map(document -> ((Document.Text) document).text()).toList();
  }

  static List<List<Integer>> tokens(Documents documents) {
    return all(documents).stream()
        .map(document -> Arrays.stream(((Document.Tokens) document).ids()).boxed())
        .map(Stream::toList)
        .toList();
  }

  static Path write(Path file, String content) throws IOException {
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content);
  }

  /** Expects one sentence about bad input that holds all the parts. */
  static void assertRefused(ExitCode code, Executable action, String... parts) {
    BadInputException refusal = assertThrows(BadInputException.class, action);
    String message = refusal.getMessage();
    assertEquals(code, refusal.exitCode(), message);
    assertFalse(message.contains("\n"), message);
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }
}
