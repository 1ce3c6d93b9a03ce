package io.tritmill.jobs.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
}
