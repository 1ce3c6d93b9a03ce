package io.tritmill.jobs.spark;

import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * What Spark's UI and event log call the jobs that this thread begins until it is closed.
 *
 * <pre>{@code
 * try (Described _ = Described.as(session, "read the report for the table")) {
 *   ...
 * }
 * }</pre>
 */
public final class Described implements AutoCloseable {
  private final SparkContext context;

  private Described(SparkContext context) {
    this.context = context;
  }

  /** Begins. */
  public static Described as(SparkSession session, String description) {
    SparkContext context = session.sparkContext();
    context.setJobDescription(description);
    return new Described(context);
  }

  @Override
  public void close() {
    context.setJobDescription(null);
  }
}
