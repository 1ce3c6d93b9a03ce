package io.tritmill.jobs.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Every shell script is clean by shellcheck. */
@Tag("foreign")
class ScriptsTest {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));

  @RegisterExtension private static final ForeignPrograms SCRIPTS = ForeignPrograms.of("scripts");

  @TempDir private Path directory;

  @Test
  void shellcheckFindsNothingInAnyScript() throws IOException, InterruptedException {
    List<Path> scripts = scripts();
    assertTrue(
        scripts.containsAll(
            List.of(ROOT.resolve("tritmill"), ROOT.resolve("mvnw"), ROOT.resolve(".ci/run"))),
        scripts::toString);

    Object[] read =
        Stream.concat(
                Stream.of("--norc", "--external-sources", "--source-path=" + ROOT),
                scripts.stream())
            .toArray();

    assertEquals("", SCRIPTS.run(directory, "shellcheck", read).exits(0).out());
  }

  /** What names a shell in its first line, or says which one reads it. */
  private static List<Path> scripts() throws IOException {
    try (Stream<Path> top = Files.list(ROOT);
        Stream<Path> deploy = Files.walk(ROOT.resolve("deploy"))) {
      List<Path> files =
          Stream.of(top, deploy, Stream.of(ROOT.resolve(".ci/run")))
              .flatMap(all -> all)
              .filter(Files::isRegularFile)
              .toList();
      List<Path> scripts = new ArrayList<>();
      for (Path file : files) {
        String first =
            new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
                .lines()
                .findFirst()
                .orElse("");
        if (first.matches("#!.*sh|# shellcheck shell=.*")) {
          scripts.add(file);
        }
      }
      return scripts;
    }
  }
}
