package io.tritmill.jobs;

import io.tritmill.jobs.command.Tritmill;

/**
 * The command line; see {@code tritmill --help}.
 *
 * <pre>
 * spark-submit --class io.tritmill.jobs.Main tritmill.jar compress --model M --recipe R --output RUN
 * </pre>
 */
public final class Main {
  private Main() {}

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    System.exit(Tritmill.run(arguments));
  }
}
