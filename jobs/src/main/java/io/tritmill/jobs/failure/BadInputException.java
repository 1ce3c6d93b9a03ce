package io.tritmill.jobs.failure;

import java.util.Locale;

/**
 * Something that the user gave cannot be used; its message is one sentence that says where, what
 * was found, what was expected and what to do, and is printed without a trace. It is one line, and
 * fit for a terminal, whatever was put into it.
 *
 * <p>Mistakes of our own are JDK exceptions.
 */
public final class BadInputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Longer than any sentence of ours with a path in it; words of a file may be of any length. */
  private static final int MESSAGE = 4000;

  private final ExitCode exitCode;

  /** An input of any other kind. */
  public BadInputException(ExitCode exitCode, String message) {
    super(printable(message));
    this.exitCode = exitCode;
  }

  /** An input of any other kind, with what brought it to light. */
  public BadInputException(ExitCode exitCode, String message, Throwable cause) {
    super(printable(message), cause);
    this.exitCode = exitCode;
  }

  /** A recipe or a model that this version does not support. */
  public static BadInputException unsupported(String message, Object... values) {
    return new BadInputException(ExitCode.UNSUPPORTED, String.format(Locale.ROOT, message, values));
  }

  /** A file that is broken, unsafe or missing. */
  public static BadInputException broken(String message, Object... values) {
    return new BadInputException(
        ExitCode.BROKEN_INPUT, String.format(Locale.ROOT, message, values));
  }

  /** An output that stands in the way. */
  public static BadInputException conflict(String message, Object... values) {
    return new BadInputException(ExitCode.CONFLICT, String.format(Locale.ROOT, message, values));
  }

  /** Arguments that make no sense together. */
  public static BadInputException usage(String message, Object... values) {
    return new BadInputException(ExitCode.USAGE, String.format(Locale.ROOT, message, values));
  }

  /**
   * One line, whatever words of a file or of another library stand in it: a terminal obeys control
   * characters, and who reads a log looks at its last line.
   */
  private static String printable(String message) {
    return Printable.of(message.strip().replaceAll("\\s*\\R\\s*", " "), MESSAGE);
  }

  /** What the process exits with. */
  public ExitCode exitCode() {
    return exitCode;
  }
}
