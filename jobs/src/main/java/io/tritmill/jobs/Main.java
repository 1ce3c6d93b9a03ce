package io.tritmill.jobs;

import io.tritmill.jobs.command.Tritmill;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.failure.LastLine;
import io.tritmill.jobs.spark.YarnDriver;
import java.util.Locale;
import org.apache.spark.SparkUserAppException;

/**
 * The command line; see {@code tritmill --help}.
 *
 * <pre>
 * spark-submit --class io.tritmill.jobs.Main tritmill.jar compress --model M --recipe R --output RUN
 * </pre>
 */
public final class Main {
  private Main() {}

  /**
   * Runs one command and ends the process with its exit code.
   *
   * @throws SparkUserAppException for YARN's application master, which ends with the code in it
   */
  public static void main(String[] arguments) throws SparkUserAppException {
    // Names of tensors and files, and all numbers, are the same in every country.
    Locale.setDefault(Locale.ROOT);
    LastLine.guardStderr();
    int code = run(arguments);
    LastLine.omit();
    if (YarnDriver.isThisProcess()) {
      YarnDriver.end(code);
    } else {
      System.exit(code);
    }
  }

  private static int run(String[] arguments) {
    try {
      return Tritmill.run(arguments);
    } catch (LinkageError incomplete) {
      // Before a command is known: a library that the command line itself needs.
      incomplete.printStackTrace();
      LastLine.write(
          "a library cannot be loaded (%s); unpack the installation again, or see to the rights of its files"
              .formatted(incomplete.getMessage()));
      return ExitCode.BUG.code();
    }
  }
}
