package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every directory and every file of a run has the rights that the process's umask leaves. */
@Tag("slow")
class UmaskTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "077, rwx------, rw-------",
    "027, rwxr-x---, rw-r-----",
    "002, rwxrwxr-x, rw-rw-r--"
  })
  void isObeyed(String umask, String folders, String files)
      throws IOException, InterruptedException {
    TinyModel tiny = TinyModel.in(directory);
    List<String> line =
        new ArrayList<>(List.of("sh", "-c", "umask %s; exec \"$@\"".formatted(umask), "sh"));
    line.addAll(ChildProcess.line(List.of(), tiny.compressInto(directory.resolve("a/b/run"))));
    ChildProcess.start(directory, new ProcessBuilder(line)).end().exits(0);

    int seen = 0;
    try (Stream<Path> all = Files.walk(directory.resolve("a"))) {
      for (Path path : all.toList()) {
        String rights = PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
        assertEquals(Files.isDirectory(path) ? folders : files, rights, path.toString());
        seen++;
      }
    }
    assertTrue(seen > 12, "%d files".formatted(seen));
  }
}
