package io.tritmill.jobs.spark;

import io.tritmill.jobs.progress.Activity;
import io.tritmill.jobs.storage.Storage;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;
import scala.Option;

/** Opens the session of a command: the cluster's under spark-submit, a local one otherwise. */
public final class SparkSessions {
  private SparkSessions() {}

  /** The file systems of a command that needs no cluster, configured as Spark's would be. */
  public static Storage storage() {
    return new Storage(SparkHadoopUtil.get().newConfiguration(new SparkConf()));
  }

  /** The file systems of a session. */
  public static Storage storage(SparkSession session) {
    return new Storage(session.sparkContext().hadoopConfiguration());
  }

  /**
   * Opens a session, or takes the one that is open in this JVM; the caller closes it.
   *
   * @param command what the application is called
   */
  public static OpenSession open(String command) {
    Option<SparkSession> there = SparkSession.getDefaultSession();
    if (there.isDefined()) {
      return new OpenSession(there.get(), false);
    }
    SparkSession.Builder builder =
        SparkSession.builder()
            .appName("tritmill " + command)
            .config("spark.sql.session.timeZone", "UTC");
    if (System.getProperty("spark.master") == null) {
      builder
          .master("local[*]")
          .config("spark.ui.enabled", System.getProperty("spark.ui.enabled", "false"))
          .config("spark.driver.bindAddress", "127.0.0.1")
          .config("spark.driver.host", "127.0.0.1");
    }
    return new OpenSession(Activity.during("starting Spark", builder::getOrCreate), true);
  }
}
