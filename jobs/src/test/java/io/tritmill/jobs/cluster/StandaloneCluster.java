package io.tritmill.jobs.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.ChildProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A master and two workers of one core each, in JVMs of their own, as {@code deploy/standalone.sh}
 * starts them, and the real jar submitted to them.
 */
final class StandaloneCluster implements AutoCloseable {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));
  private static final String SCRIPT = ROOT.resolve("deploy/standalone.sh").toString();

  /** Classes of all parts; worth its time, since no test starts fewer than five JVMs. */
  private static final Path ARCHIVE = archive();

  private final Path directory;
  private final String master;
  private final List<ChildProcess> submitted = new ArrayList<>();

  /**
   * Starts it.
   *
   * @param directory where everything of it is kept
   * @param jars what is added to Spark's own, with colons between them
   */
  StandaloneCluster(Path directory, String jars) throws IOException {
    this.directory = directory;
    List<String> start =
        new ArrayList<>(List.of(SCRIPT, "start", "--dir", directory.toString(), "--port", "0"));
    if (!jars.isEmpty()) {
      start.addAll(List.of("--jars", jars));
    }
    List<String> said = output(start.toArray(String[]::new));
    master = said.getLast();
    assertTrue(master.startsWith("spark://"), said::toString);
  }

  /**
   * Submits a command, in client mode unless the settings say otherwise, with {@code
   * deploy/submit.sh}.
   *
   * @param settings of Spark
   */
  ChildProcess submit(Map<String, String> settings, Object... command) throws IOException {
    List<String> line = new ArrayList<>();
    line.addAll(List.of(ROOT.resolve("deploy/submit.sh").toString(), "--master", master));
    line.addAll(List.of("--driver-memory", "1g", "--executor-memory", "1g"));
    // The driver computes nothing: code that is compiled quickly is worth more than quick code.
    line.addAll(
        List.of("--driver-java-options", "-XX:TieredStopAtLevel=1 -Djava.io.tmpdir=" + directory));
    line.addAll(List.of("--conf", "spark.ui.enabled=false"));
    settings.forEach((key, value) -> line.addAll(List.of("--conf", key + "=" + value)));
    line.add("--");
    Arrays.stream(command).map(Object::toString).forEach(line::add);
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().put("SPARK_HOME", directory.resolve("home").toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    ChildProcess driver = ChildProcess.start(directory, builder);
    submitted.add(driver);
    return driver;
  }

  /** The executors that run now. */
  List<ProcessHandle> executors() throws IOException {
    List<ProcessHandle> executors = new ArrayList<>();
    for (ProcessHandle worker : workers()) {
      worker.children().forEach(executors::add);
    }
    return executors;
  }

  /** Sends a signal: {@code STOP} lets a process hang, {@code CONT} go on. */
  static void signal(String name, ProcessHandle process) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    assertEquals(0, kill.waitFor());
  }

  /** Whether a process reads its classes from the archive. */
  static boolean readsArchive(ProcessHandle process) throws IOException {
    Path maps = Path.of("/proc", Long.toString(process.pid()), "maps");
    return Files.readString(maps).contains(ARCHIVE.toString());
  }

  private static Path archive() {
    String directory = ROOT.resolve("jobs/target/archive-cluster").toString();
    try {
      return Path.of(output(SCRIPT, "archive", "--dir", directory).getLast()).toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The workers that run now. */
  List<ProcessHandle> workers() throws IOException {
    return daemons("worker-");
  }

  /** Every process that runs now but the drivers. */
  List<ProcessHandle> parts() throws IOException {
    List<ProcessHandle> parts = new ArrayList<>(executors());
    parts.addAll(daemons(""));
    return parts;
  }

  private List<ProcessHandle> daemons(String prefix) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      List<ProcessHandle> daemons = new ArrayList<>();
      for (Path file :
          files.filter(one -> one.getFileName().toString().endsWith(".pid")).toList()) {
        if (file.getFileName().toString().startsWith(prefix)) {
          ProcessHandle.of(Long.parseLong(Files.readString(file).strip())).ifPresent(daemons::add);
        }
      }
      return daemons;
    }
  }

  private static List<String> output(String... line) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    // Daemons must not keep the pipe open: the script sends their output to files.
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();
    int status = process.onExit().join().exitValue();
    assertEquals(0, status, () -> String.join(" ", line) + " failed: " + lines);
    return lines;
  }

  @Override
  public void close() throws IOException {
    // What a failed test has left would wait for a master for ever.
    submitted.forEach(driver -> driver.process().destroyForcibly());
    output(SCRIPT, "stop", "--dir", directory.toString());
  }
}
