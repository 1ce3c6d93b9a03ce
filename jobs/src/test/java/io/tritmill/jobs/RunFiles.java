package io.tritmill.jobs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;

/** The files of a run directory as a test looks at them. */
public final class RunFiles {
  private RunFiles() {}

  /** Every file below a directory, by its path relative to it. */
  public static SortedMap<String, byte[]> below(Path directory) {
    SortedMap<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(directory.relativize(file).toString(), Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  /** A finished run whose model has the bytes of another's, and which has left nothing behind. */
  public static void assertSameModel(Path expected, Path run) {
    SortedMap<String, byte[]> files = below(run.resolve("model"));
    SortedMap<String, byte[]> others = below(expected.resolve("model"));
    assertEquals(others.keySet(), files.keySet());
    files.forEach((file, bytes) -> assertArrayEquals(others.get(file), bytes, file));
    assertTrue(Files.exists(run.resolve("_SUCCESS")));
    assertFalse(Files.exists(run.resolve("_work")));
    assertFalse(Files.exists(run.resolve("_LOCK")));
  }

  /** The lines of a file. */
  public static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file of JSON. */
  public static JsonNode json(Path file) {
    try {
      return new ObjectMapper().readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The rows of one of a run's tables. */
  public static List<Row> table(Path run, String table) {
    return SharedSpark.session()
        .read()
        .parquet(run.resolve("reports").resolve(table).toString())
        .collectAsList();
  }

  /** Copies a directory. */
  public static void copy(Path from, Path to) {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path source : all.toList()) {
        Files.copy(source, to.resolve(from.relativize(source).toString()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
