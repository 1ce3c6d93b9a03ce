package io.tritmill.jobs.failure;

/** How a command ends, as a number that schedulers can tell apart. */
public enum ExitCode {
  OK(0),
  BUG(1),
  USAGE(2),
  UNSUPPORTED(3),
  BROKEN_INPUT(4),
  GATE_FAILED(5),
  CONFLICT(6),
  VERIFICATION_FAILED(7),
  INTERRUPTED(130);

  private final int code;

  ExitCode(int code) {
    this.code = code;
  }

  /** The process's exit status. */
  public int code() {
    return code;
  }
}
