package io.tritmill.jobs;

import io.tritmill.jobs.storage.Storage;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import scala.Option;

/**
 * One session of two cores, which tries every task twice, for every test class that asks for it;
 * commands that run in it leave it open, so that a test costs no start of Spark.
 */
public final class SharedSpark implements BeforeAllCallback {
  @Override
  public void beforeAll(ExtensionContext context) {
    session();
  }

  /** The session; a new one where a test has stopped the last. */
  public static SparkSession session() {
    Option<SparkSession> there = SparkSession.getDefaultSession();
    return there.isDefined()
        ? there.get()
        : SparkSession.builder()
            .master("local[2, 2]")
            .appName("tests")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .getOrCreate();
  }

  /** The file systems of a session. */
  public static Storage storage() {
    return new Storage(new Configuration());
  }
}
