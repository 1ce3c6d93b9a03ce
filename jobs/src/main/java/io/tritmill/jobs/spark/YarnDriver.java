package io.tritmill.jobs.spark;

import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkUserAppException;

/**
 * The driver that runs inside YARN's application master, where ending the JVM would cut the master
 * off before it has told YARN how the application ended: then every application counts as failed.
 */
public final class YarnDriver {
  private YarnDriver() {}

  /** Whether this process is one. */
  public static boolean isThisProcess() {
    return "yarn".equals(System.getProperty("spark.master"))
        && "cluster".equals(System.getProperty("spark.submit.deployMode"));
  }

  /**
   * Ends the application with an exit code: returns for 0, for the caller to return from {@code
   * main}.
   *
   * @throws SparkUserAppException for another code, which the application master takes as its own
   */
  public static void end(int code) throws SparkUserAppException {
    if (!SparkSessions.anyOpened()) {
      // An application master without a session has not registered, and reports 13 whatever came.
      new SparkContext(
              new SparkConf()
                  .setAppName("tritmill")
                  .set("spark.dynamicAllocation.enabled", "false")
                  .set("spark.executor.instances", "0"))
          .stop();
    }
    if (code != 0) {
      throw new SparkUserAppException(code, null);
    }
  }
}
