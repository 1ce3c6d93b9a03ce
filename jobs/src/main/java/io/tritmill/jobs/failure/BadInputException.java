package io.tritmill.jobs.failure;

/**
 * Something that the user gave cannot be used; its message is one sentence that says where, what
 * was found, what was expected and what to do, and is printed without a trace.
 *
 * <p>Mistakes of our own are JDK exceptions.
 */
public final class BadInputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ExitCode exitCode;

  /** An input of any other kind. */
  public BadInputException(ExitCode exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** An input of any other kind, with what brought it to light. */
  public BadInputException(ExitCode exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** A recipe or a model that this version does not support. */
  public static BadInputException unsupported(String message, Object... values) {
    return new BadInputException(ExitCode.UNSUPPORTED, message.formatted(values));
  }

  /** A file that is broken, unsafe or missing. */
  public static BadInputException broken(String message, Object... values) {
    return new BadInputException(ExitCode.BROKEN_INPUT, message.formatted(values));
  }

  /** An output that stands in the way. */
  public static BadInputException conflict(String message, Object... values) {
    return new BadInputException(ExitCode.CONFLICT, message.formatted(values));
  }

  /** Arguments that make no sense together. */
  public static BadInputException usage(String message, Object... values) {
    return new BadInputException(ExitCode.USAGE, message.formatted(values));
  }

  /** What the process exits with. */
  public ExitCode exitCode() {
    return exitCode;
  }
}
