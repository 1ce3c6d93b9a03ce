package io.tritmill.jobs.foreign;

import io.tritmill.jobs.ChildProcess;
import io.tritmill.jobs.Invocation;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Other people's programs that judge what is written here, in a virtual environment of Python.
 *
 * <p>A test class, tagged {@code foreign}, has one:
 *
 * <pre>{@code
 * @RegisterExtension static final ForeignPrograms READERS = ForeignPrograms.of("readers");
 * }</pre>
 *
 * What {@code foreign/requirements-readers.txt} pins is installed before its tests, once for each
 * content of that file, in a folder below {@code target/}; then what {@code
 * foreign/requirements-readers-alone.txt} pins, where there is one, without what that asks for.
 * Where that cannot be done the class is skipped with the reason; with {@code
 * TRITMILL_FOREIGN=required}, as {@code .ci/run} has it, it fails.
 */
public final class ForeignPrograms implements BeforeAllCallback {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));

  /** Those that all pinned packages have wheels for come first; an older one is no use. */
  private static final List<String> PYTHONS =
      List.of("python3.12", "python3.13", "python3.11", "python3");

  private static final String SUITABLE =
      "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))";

  private static final int INSTALL_MINUTES = 30;

  private final Path requirements;
  private final Path alone;
  private final Path home;

  private ForeignPrograms(String name) {
    requirements = ROOT.resolve("foreign/requirements-" + name + ".txt");
    alone = ROOT.resolve("foreign/requirements-" + name + "-alone.txt");
    home = ROOT.resolve("target/foreign").resolve(name + "-" + digest(requirements, alone));
  }

  /**
   * Those of one list.
   *
   * @param name as in {@code foreign/requirements-NAME.txt}
   */
  public static ForeignPrograms of(String name) {
    return new ForeignPrograms(name);
  }

  /** One of the programs, {@code python} among them. */
  public Path program(String name) {
    return home.resolve("bin").resolve(name);
  }

  /**
   * Runs one of the programs to its end.
   *
   * @param directory where it runs, and its output is kept
   */
  public Invocation run(Path directory, String program, Object... arguments)
      throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of(program(program).toString()));
    Arrays.stream(arguments).map(Object::toString).forEach(line::add);
    return ChildProcess.start(directory, new ProcessBuilder(line).directory(directory.toFile()))
        .end();
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException, InterruptedException {
    Files.createDirectories(home.getParent());
    // Modules may be tested at once.
    try (FileChannel channel =
            FileChannel.open(
                home.resolveSibling(home.getFileName() + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      String missing = Files.exists(installed()) ? "" : install();
      if (!missing.isEmpty()) {
        String reason = "foreign programs are missing: " + missing;
        if ("required".equals(System.getenv("TRITMILL_FOREIGN"))) {
          Assertions.fail(reason);
        }
        Assumptions.abort(reason);
      }
      Assertions.assertTrue(lock.isValid());
    }
  }

  /** The mark that everything is there. */
  private Path installed() {
    return home.resolve("installed");
  }

  /** Installs them; says why that is impossible, or nothing. */
  private String install() throws IOException, InterruptedException {
    String python = python();
    if (python.isEmpty()) {
      return "no Python 3.11 or newer with venv and ensurepip on the PATH, as " + PYTHONS;
    }
    // What an installation that was killed has left is made anew.
    String said = end(python, "-m", "venv", "--clear", home.toString());
    if (said.isEmpty()) {
      said = install(requirements);
    }
    if (said.isEmpty() && Files.exists(alone)) {
      said = install(alone, "--no-deps");
    }
    if (said.isEmpty()) {
      Files.createFile(installed());
    }
    return said;
  }

  private String install(Path list, String... options) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of(program("python").toString(), "-m", "pip"));
    line.addAll(List.of("install", "--quiet", "--disable-pip-version-check", "--prefer-binary"));
    line.addAll(List.of(options));
    line.addAll(List.of("--requirement", list.toString()));
    return end(line.toArray(String[]::new));
  }

  private static String python() throws IOException, InterruptedException {
    for (String python : PYTHONS) {
      if (end(python, "-c", SUITABLE).isEmpty()) {
        return python;
      }
    }
    return "";
  }

  /** Waits for a program; its last line where it failed, or nothing. */
  private static String end(String... line) throws IOException, InterruptedException {
    Path said = Files.createTempFile("foreign", ".log");
    try {
      Process process;
      try {
        process =
            new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
      } catch (IOException e) {
        return line[0] + ": " + e.getMessage();
      }
      if (!process.waitFor(INSTALL_MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        return line[0] + " took more than " + INSTALL_MINUTES + " minutes";
      }
      List<String> lines = Files.readAllLines(said);
      return process.exitValue() == 0
          ? ""
          : line[0]
              + " ended with "
              + process.exitValue()
              + (lines.isEmpty() ? "" : ": " + lines.getLast());
    } finally {
      Files.delete(said);
    }
  }

  private static String digest(Path... files) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Path file : files) {
        if (Files.exists(file)) {
          digest.update(Files.readAllBytes(file));
        }
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 6);
    } catch (IOException | NoSuchAlgorithmException e) {
      throw new IllegalStateException(Arrays.toString(files), e);
    }
  }
}
