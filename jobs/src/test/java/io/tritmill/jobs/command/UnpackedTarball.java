package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.ChildProcess;
import io.tritmill.jobs.Invocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * The tarball of the build, unpacked where nobody expects it, and a shell in which its launcher is
 * called as people call it. Names with other letters than a to z are made by the shell: this JVM
 * may have a locale without them.
 *
 * @param directory where everything lies
 */
record UnpackedTarball(Path directory) {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));

  /** What every script begins with; {@code stranger} runs a command as a user who owns nothing. */
  private static final String PREAMBLE =
      """
      umlaut=$(printf '\\303\\244')
      place="in st${umlaut}ll'ed #1%20"
      home="$place/tritmill"
      tritmill="$home/bin/tritmill"
      stranger() {
        if [ "$(id -u)" = 0 ]; then
          setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
        else
          "$@"
        fi
      }
      """;

  /** Unpacks it, with a model of two blocks beside it, for all to read. */
  static UnpackedTarball in(Path directory) throws IOException, InterruptedException {
    TinyModel.in(directory.resolve("tiny"));
    UnpackedTarball unpacked = new UnpackedTarball(directory);
    Path tarball;
    try (Stream<Path> files = Files.list(ROOT.resolve("jobs/target"))) {
      tarball =
          files
              .filter(file -> file.toString().endsWith(".tar.gz"))
              .max(Comparator.comparing(file -> file.toFile().lastModified()))
              .orElseThrow();
    }
    unpacked
        .shell(
            Map.of("TARBALL", tarball.toString()),
            """
            mkdir "$place" open
            tar -xzf "$TARBALL" -C "$place"
            mv "$place"/tritmill-* "$home"
            mkdir "mod${umlaut}ls"
            cp -r tiny/model "mod${umlaut}ls/m 1"
            chmod -R a+rX,a-w "$place" "mod${umlaut}ls"
            chmod a+rwx open
            """)
        .exits(0);
    return unpacked;
  }

  /** Runs a script in the directory, with a Java 25 in JAVA_HOME and next to nothing else. */
  Invocation shell(String script) throws IOException, InterruptedException {
    return shell(Map.of(), script);
  }

  /** Runs a script in the directory; a variable without a value is not set. */
  Invocation shell(Map<String, String> environment, String script)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder("sh", "-euc", PREAMBLE + script);
    builder.directory(directory.toFile());
    Map<String, String> given = new TreeMap<>();
    given.put("PATH", System.getenv("PATH"));
    given.put("HOME", "/nonexistent");
    given.put("JAVA_HOME", System.getProperty("java.home"));
    given.put("TRITMILL_MEMORY", "1g");
    given.putAll(environment);
    given.values().removeIf(String::isEmpty);
    builder.environment().clear();
    builder.environment().putAll(given);
    return ChildProcess.start(directory, builder).end();
  }

  /** A folder that every user can reach, which the folder of the build may not be. */
  static final class ForAll implements TempDirFactory {
    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext test)
        throws IOException {
      Path place = Path.of("/tmp");
      assertTrue(Files.isWritable(place), "/tmp cannot be written");
      Path directory = Files.createTempDirectory(place, "tritmill");
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
      return directory.toRealPath();
    }
  }
}
