package io.tritmill.jobs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The command line in a JVM of its own, with this one's options: what only a whole process shows,
 * or survives.
 *
 * @param process the process
 * @param out file of its stdout
 * @param err file of its stderr
 */
public record ChildProcess(Process process, Path out, Path err) {
  private static final long MINUTES = 5;

  /**
   * Starts a command.
   *
   * @param directory where its output is kept
   */
  public static ChildProcess start(Path directory, Object... arguments) throws IOException {
    return startWith(directory, List.of(), arguments);
  }

  /**
   * Starts a command with further options of the JVM, properties of Spark among them.
   *
   * @param directory where its output is kept
   */
  public static ChildProcess startWith(Path directory, List<String> options, Object... arguments)
      throws IOException {
    return startUnder(directory, List.of(), options, arguments);
  }

  /**
   * Starts a command by way of another, which sets something up and then becomes it.
   *
   * @param directory where its output is kept
   * @param other what stands before the JVM
   */
  public static ChildProcess startUnder(
      Path directory, List<String> other, List<String> options, Object... arguments)
      throws IOException {
    List<String> line = new ArrayList<>(other);
    line.addAll(line(options, arguments));
    return start(directory, new ProcessBuilder(line));
  }

  /** The words that start a command, for whoever starts it from another program. */
  public static List<String> line(List<String> options, Object... arguments) {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> !option.startsWith("-Xmx") && !option.startsWith("-javaagent"))
        .forEach(line::add);
    line.add("-Xmx1g");
    line.add("-Dspark.master=local[2]");
    line.add("-Dspark.ui.enabled=false");
    line.addAll(options);
    line.add("-Dlog4j2.configurationFile=" + System.getProperty("log4j2.configurationFile"));
    line.add("-cp");
    line.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    line.add(Main.class.getName());
    Arrays.stream(arguments).map(Object::toString).forEach(line::add);
    return line;
  }

  /**
   * Starts another process.
   *
   * @param directory where its output is kept
   */
  public static ChildProcess start(Path directory, ProcessBuilder builder) throws IOException {
    Path out = Files.createTempFile(directory, "child", ".out");
    Path err = Files.createTempFile(directory, "child", ".err");
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    return new ChildProcess(process, out, err);
  }

  /** What it has said so far on stderr. */
  public String said() throws IOException {
    return Files.readString(err);
  }

  /** Waits until it has said something on stderr. */
  public void awaitWords(String words) throws IOException, InterruptedException {
    while (!said().contains(words)) {
      assertTrue(process.isAlive(), said());
      Thread.sleep(5);
    }
  }

  /** Waits until it has ended. */
  public Invocation end() throws IOException, InterruptedException {
    if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IllegalStateException("Not at an end after minutes: " + Files.readString(err));
    }
    return new Invocation(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  /** Kills it as the system does where memory is short, and waits until it is gone. */
  public void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }
}
