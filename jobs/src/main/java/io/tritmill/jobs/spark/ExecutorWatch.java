package io.tritmill.jobs.spark;

import io.tritmill.jobs.failure.BadInputException;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;

/**
 * Gives a run up whose jobs have waited too long without a single executor: Spark waits for ever,
 * be it for machines that are busy or for ones that do not exist.
 *
 * <p>How long is {@value #SETTING}, ten minutes unless set.
 */
final class ExecutorWatch {
  private static final String SETTING = "spark.tritmill.executorsTimeout";

  /** What a cancelled job says, whatever Spark puts round it. */
  private static final String MARK = "no executor came within ";

  private ExecutorWatch() {}

  /** Begins to watch; ends with the session. */
  static void begin(SparkContext context) {
    long limit = context.conf().getTimeAsSeconds(SETTING, "10min");
    if (context.isLocal()) {
      return;
    }
    Thread.ofPlatform().daemon().name("executors").start(() -> watch(context, limit));
  }

  private static void watch(SparkContext context, long limit) {
    long since = System.nanoTime();
    try {
      while (!context.isStopped()) {
        if (context.statusTracker().getActiveJobIds().length == 0 || executors(context) > 0) {
          since = System.nanoTime();
        } else if (System.nanoTime() - since > TimeUnit.SECONDS.toNanos(limit)) {
          for (int job : context.statusTracker().getActiveJobIds()) {
            context.cancelJob(job, sentence(context, limit));
          }
          since = System.nanoTime();
        }
        Thread.sleep(500);
      }
    } catch (InterruptedException | IllegalStateException e) {
      if (!context.isStopped()) {
        throw new IllegalStateException("Executors are watched no longer", e);
      }
    }
  }

  private static int executors(SparkContext context) {
    // The driver is one of them to Spark.
    return context.statusTracker().getExecutorInfos().length - 1;
  }

  private static String sentence(SparkContext context, long limit) {
    SparkConf conf = context.conf();
    return MARK
        + "%d s: %s was asked for executors with spark.executor.memory=%s and spark.executor.cores=%s;"
            .formatted(
                limit,
                context.master(),
                conf.get("spark.executor.memory", "1g"),
                conf.get("spark.executor.cores", "(all of a worker)"))
        + " is a machine of that size free? `tritmill plan --cluster NxCcMg` says what the model"
        + " needs, and "
        + SETTING
        + " how long to wait";
  }

  /** The sentence, if a job was given up for want of executors; else null. */
  static BadInputException of(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      int begin = message.indexOf(MARK);
      if (begin >= 0) {
        return BadInputException.broken("%s", message.substring(begin).lines().findFirst().get());
      }
    }
    return null;
  }
}
