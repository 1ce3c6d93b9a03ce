package io.tritmill.jobs;

import io.tritmill.jobs.storage.Storage;
import java.util.Arrays;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkContext;
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

  /** Waits until the tasks of cancelled jobs have ended: they may still write. */
  public static void awaitIdle() {
    Option<SparkSession> there = SparkSession.getDefaultSession();
    if (there.isEmpty()) {
      return;
    }
    SparkContext context = there.get().sparkContext();
    try {
      do {
        context.listenerBus().waitUntilEmpty();
        Thread.sleep(1);
      } while (Arrays.stream(context.statusTracker().getExecutorInfos())
          .anyMatch(executor -> executor.numRunningTasks() > 0));
    } catch (InterruptedException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The file systems of a session. */
  public static Storage storage() {
    return new Storage(new Configuration());
  }
}
