package io.tritmill.jobs.spark;

import org.apache.spark.sql.SparkSession;

/**
 * The session of a command, and whether it is the command's own.
 *
 * <p>One that somebody else had opened, a shell or a notebook that runs a command, is left open.
 *
 * @param spark the session
 * @param own whether closing this stops it
 */
public record OpenSession(SparkSession spark, boolean own) implements AutoCloseable {
  @Override
  public void close() {
    if (own) {
      spark.stop();
    }
  }
}
