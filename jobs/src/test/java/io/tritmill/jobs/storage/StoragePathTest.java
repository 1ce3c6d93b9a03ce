package io.tritmill.jobs.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoragePathTest {
  @TempDir Path folder;
  private final Storage storage = new Storage(new Configuration(false));

  @Test
  void aFolderHasTheSamePathWhetherItIsThereOrNot() throws IOException {
    Path local = folder.resolve("a b%20ü#1");
    var before = storage.path(local.toString());
    Files.createDirectory(local);
    assertEquals(before, storage.path(local.toString()));
    assertEquals(before, storage.path(local + "/"));
    assertEquals("a b%20ü#1", before.getName());
    assertTrue(storage.exists(before));
  }

  @Test
  void otherSchemesAreRefused() {
    BadInputException refusal =
        assertThrows(BadInputException.class, () -> storage.path("http://host/model"));
    assertEquals(ExitCode.USAGE, refusal.exitCode());
    assertEquals("hdfs://host/model", storage.path("hdfs://host/model/").toString());
  }

  @ParameterizedTest
  @CsvSource({
    "'', is a variable not set",
    "' ', is a variable not set",
    "http://host/model, scheme http is not supported",
    "name:tag, ./name:tag",
    "hdfs:x, is no URI",
    "s3a:///x, names no bucket",
    "gs:/x, names no bucket",
    "hf:/x, names no bucket",
    "hf://datasets, names no repository",
    "hf://org/name@, names no repository",
    "file://host/x, names the host host",
    "a\\0b, is no path"
  })
  void whatIsNoPathIsUsageInASentence(String text, String expected) {
    BadInputException refusal =
        assertThrows(BadInputException.class, () -> storage.path(text.replace("\\0", "\0")));
    assertEquals(ExitCode.USAGE, refusal.exitCode());
    assertTrue(refusal.getMessage().contains(expected), refusal.getMessage());
  }

  @Test
  void fileMayNameThisMachine() {
    var expected = storage.path(folder.toString());
    for (String prefix : new String[] {"file:", "file://", "file://localhost"}) {
      assertEquals(expected, storage.path(prefix + folder));
    }
  }

  @Test
  void aFileWithAColonInItsNameIsRead() throws IOException {
    Path file = Files.writeString(folder.resolve("2024-01-01T10:00:00.jsonl"), "here");
    var path = storage.list(storage.path(folder.toString())).getFirst().getPath();
    assertEquals(storage.path(file.toString()), path);
    assertEquals("here", new String(storage.read(path, 100), StandardCharsets.UTF_8));
    try (var in = storage.openRanges(path)) {
      assertEquals('h', in.read());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "gs://b/x, UNSUPPORTED, gcs-connector",
    "abfss://b@c/x, UNSUPPORTED, hadoop-azure",
    "viewfs://c/x, UNSUPPORTED, mount table",
    "hdfs://nohost.invalid:8020/x, BROKEN_INPUT, nohost.invalid is not known",
    "hdfs:///x, USAGE, names no host"
  })
  void aFileSystemThatCannotBeHadIsASentence(String text, ExitCode code, String expected) {
    Storage plain = new Storage(new Configuration());
    BadInputException refusal =
        assertThrows(BadInputException.class, () -> plain.exists(plain.path(text)));
    assertEquals(code, refusal.exitCode());
    assertTrue(refusal.getMessage().contains(expected), refusal.getMessage());
  }
}
