package io.tritmill.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.storage.Checksums;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestTest {
  @TempDir private Path directory;

  private final Storage storage = new Storage(new Configuration());
  private RunDirectory run;

  @BeforeEach
  void writeFiles() throws IOException {
    run = RunDirectory.at(storage.path(directory.resolve("a run").toString()));
    write("recipe.yaml", "recipe");
    write("model/model.safetensors", "weights");
    write("reports/layers/part-0.parquet", "rows");
    write("_work/parts/1.part", "work");
    write("model/.model.safetensors.3-1", "half");
    write(".summary.json.publish", "half");
    write("reports/.hidden/file", "hidden");
  }

  private void write(String file, String content) throws IOException {
    Path path = directory.resolve("a run").resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, content);
  }

  private Manifest manifest(Manifest.Entry... known) {
    return Manifest.of(storage, run, "file:/m", "abc", List.of(known));
  }

  @Test
  void listsEveryFileThatIsNeitherWorkNorHidden() {
    Manifest manifest = manifest();

    assertEquals(
        List.of("model/model.safetensors", "recipe.yaml", "reports/layers/part-0.parquet"),
        manifest.files().stream().map(Manifest.Entry::path).toList());
    assertEquals(
        new Manifest.Entry(
            "recipe.yaml", 6, Checksums.sha256("recipe".getBytes(StandardCharsets.UTF_8))),
        manifest.files().get(1));
    assertEquals(manifest.files().get(1).sha256(), manifest.recipeSha256());
  }

  @Test
  void checksumsThatAreKnownAreNotDerivedAgain() {
    Manifest.Entry known = new Manifest.Entry("model/model.safetensors", 7, "as it was written");

    assertEquals(known, manifest(known).files().getFirst());
  }

  @Test
  void whatIsPublishedIsReadBack() {
    Manifest manifest = manifest();
    assertFalse(storage.exists(run.success()));

    manifest.publish(storage, run);

    assertEquals(manifest, Manifest.read(storage, run));
    assertEquals(manifest, manifest());
  }

  @Test
  void aChangeOfEitherIsSeen() throws IOException {
    manifest().publish(storage, run);
    Path file = directory.resolve("a run/MANIFEST.json");
    Files.writeString(file, Files.readString(file).replace("file:/m", "file:/n"));

    assertRefused(ExitCode.VERIFICATION_FAILED, "does not have the checksum that _SUCCESS names");

    manifest().publish(storage, run);
    write("_SUCCESS", "0".repeat(64) + "\n");
    assertRefused(ExitCode.VERIFICATION_FAILED, "does not have the checksum that _SUCCESS names");
  }

  @Test
  void aSuccessWithoutAManifestIsNone() throws IOException {
    manifest().publish(storage, run);
    Files.delete(directory.resolve("a run/MANIFEST.json"));

    assertRefused(ExitCode.VERIFICATION_FAILED, "is missing, but _SUCCESS says");
  }

  @Test
  void aManifestOfAnotherVersionIsNotSupported() throws IOException {
    Manifest newer = new Manifest(2, "tritmill 9", "r", "file:/m", "abc", List.of());
    newer.publish(storage, run);

    assertRefused(ExitCode.UNSUPPORTED, "is of version 2, expected 1");
  }

  @Test
  void withoutASealAnIntactManifestCanBeReadAllTheSame() throws IOException {
    Manifest manifest = manifest();
    manifest.publish(storage, run);
    Files.delete(directory.resolve("a run/_SUCCESS"));

    assertEquals(manifest, Manifest.readUnsealed(storage, run));
  }

  private void assertRefused(ExitCode code, String sentence) {
    BadInputException refused =
        assertThrows(BadInputException.class, () -> Manifest.read(storage, run));
    assertEquals(code, refused.exitCode());
    assertTrue(refused.getMessage().contains(sentence), refused.getMessage());
  }
}
