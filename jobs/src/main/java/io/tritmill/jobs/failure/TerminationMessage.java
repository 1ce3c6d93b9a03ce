package io.tritmill.jobs.failure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The file in which a container says why it ended, which {@code kubectl describe pod} prints.
 *
 * <p>Kubernetes lays it into every container at {@value #USUAL}; one at another place is named in
 * the environment variable {@value #VARIABLE}. Elsewhere there is none, and nothing is written.
 */
public final class TerminationMessage {
  private static final String VARIABLE = "TRITMILL_TERMINATION_LOG";
  private static final String USUAL = "/dev/termination-log";

  /** Kubernetes cuts off what is longer. */
  private static final int BYTES = 4096;

  private TerminationMessage() {}

  /** Leaves a sentence there, if there is such a file and it can be written. */
  public static void leave(String sentence) {
    String named = System.getenv(VARIABLE);
    Path file = Path.of(named == null ? USUAL : named);
    if (!Files.isRegularFile(file) || !Files.isWritable(file)) {
      return;
    }
    byte[] bytes = sentence.getBytes(StandardCharsets.UTF_8);
    try (var stream = Files.newOutputStream(file, StandardOpenOption.TRUNCATE_EXISTING)) {
      stream.write(bytes, 0, Math.min(bytes.length, BYTES));
    } catch (IOException e) {
      System.err.println("warning: the reason could not be left in " + file + ": " + e);
    }
  }
}
