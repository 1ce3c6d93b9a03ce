package io.tritmill.jobs;

import io.tritmill.jobs.command.Tritmill;
import io.tritmill.jobs.spark.YarnDriver;
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
    int code = Tritmill.run(arguments);
    if (YarnDriver.isThisProcess()) {
      YarnDriver.end(code);
    } else {
      System.exit(code);
    }
  }
}
