package io.tritmill.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.command.Tritmill;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The real command line, run in this JVM.
 *
 * @param exitCode what the process would exit with
 * @param out everything on stdout
 * @param err everything on stderr but the log
 */
public record Invocation(int exitCode, String out, String err) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Runs a command; arguments are what they print. */
  public static Invocation of(Object... arguments) {
    String[] texts = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
    try {
      int exitCode = Tritmill.run(texts);
      SharedSpark.awaitIdle();
      return new Invocation(
          exitCode,
          outBytes.toString(StandardCharsets.UTF_8),
          errBytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  /** Requires an exit code; what the command said is the message when it has another. */
  public Invocation exits(int expected) {
    assertEquals(expected, exitCode, () -> "stdout:\n%s\nstderr:\n%s".formatted(out, err));
    return this;
  }

  /** The last line of stdout. */
  public String lastLine() {
    List<String> lines = out.lines().toList();
    return lines.isEmpty() ? "" : lines.getLast();
  }

  /** Stdout, which must be one line that is one JSON object. */
  public JsonNode json() {
    assertEquals(1, out.lines().count(), out);
    return parse(out);
  }

  /** A line of stdout as JSON. */
  public JsonNode json(int line) {
    return parse(out.lines().skip(line).findFirst().orElseThrow());
  }

  private static JsonNode parse(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
