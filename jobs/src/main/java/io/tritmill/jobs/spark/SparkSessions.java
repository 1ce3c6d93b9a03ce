package io.tritmill.jobs.spark;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.progress.Activity;
import io.tritmill.jobs.storage.Storage;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;
import scala.Option;

/** Opens the session of a command: the cluster's under spark-submit, a local one otherwise. */
public final class SparkSessions {
  private static volatile boolean anyOpened;

  private SparkSessions() {}

  /** The file systems of a command that needs no cluster, configured as Spark's would be. */
  public static Storage storage() {
    Option<SparkSession> there = SparkSession.getDefaultSession();
    return there.isDefined()
        ? storage(there.get())
        : new Storage(SparkHadoopUtil.get().newConfiguration(new SparkConf()));
  }

  /** The file systems of a session. */
  public static Storage storage(SparkSession session) {
    return new Storage(session.sparkContext().hadoopConfiguration());
  }

  /**
   * Opens a session, or takes the one that is open in this JVM; the caller closes it.
   *
   * @param command what the application is called
   * @throws BadInputException if this machine or the cluster cannot hold a session
   */
  public static OpenSession open(String command) {
    Option<SparkSession> there = SparkSession.getDefaultSession();
    if (there.isDefined()) {
      return new OpenSession(there.get(), false);
    }
    LocalFolders.require(new SparkConf());
    String master = System.getProperty("spark.master");
    SparkSession.Builder builder =
        SparkSession.builder()
            .appName("tritmill " + command)
            .config("spark.sql.session.timeZone", "UTC");
    if (master == null) {
      builder
          .master("local[*]")
          .config("spark.ui.enabled", System.getProperty("spark.ui.enabled", "false"))
          .config("spark.driver.bindAddress", "127.0.0.1")
          .config("spark.driver.host", "127.0.0.1");
    } else {
      Masters.require(master);
    }
    SparkSession session = Activity.during("starting Spark", () -> begin(builder, master));
    anyOpened = true;
    ExecutorWatch.begin(session.sparkContext());
    return new OpenSession(session, true);
  }

  /** On a cluster, what fails here is what was asked of it, or the cluster. */
  private static SparkSession begin(SparkSession.Builder builder, String master) {
    if (master == null || master.startsWith("local")) {
      return builder.getOrCreate();
    }
    try {
      return builder.getOrCreate();
    } catch (Exception e) {
      // Spark throws checked exceptions too, which Scala does not declare.
      Throwable reason = e;
      while (reason.getCause() != null) {
        reason = reason.getCause();
      }
      throw new BadInputException(
          ExitCode.BROKEN_INPUT,
          "%s: the cluster did not take the application (%s); compare what is asked for, queue and"
                  .formatted(master, reason.getMessage())
              + " size of executors among it, with what the cluster has",
          e);
    }
  }

  /** Whether all work is done in this JVM, by whatever session is or will be opened. */
  public static boolean isLocal() {
    Option<SparkSession> there = SparkSession.getDefaultSession();
    return there.isDefined()
        ? there.get().sparkContext().isLocal()
        : System.getProperty("spark.master", "local").startsWith("local");
  }

  /** Whether this process has had a session of its own. */
  static boolean anyOpened() {
    return anyOpened;
  }
}
