package io.tritmill.jobs.evaluate;

import java.util.Optional;

/**
 * What a model answered to a task, beside its baseline where there is one.
 *
 * @param baseline what the other model answered
 */
public record AskedTask(TaskResult result, Optional<TaskResult> baseline) {
  /** The version of what is made of a file of questions. */
  public static final int VERSION = 1;

  /** A number that is made of answers. */
  public enum Metric {
    ACC("acc") {
      @Override
      public TaskResult.Share of(TaskResult result) {
        return result.accuracy();
      }
    },
    ACC_NORM("acc_norm") {
      @Override
      public TaskResult.Share of(TaskResult result) {
        return result.normedAccuracy();
      }
    };

    private final String key;

    Metric(String key) {
      this.key = key;
    }

    /** How lm-evaluation-harness calls it. */
    public String key() {
      return key;
    }

    /** The number of a model. */
    public abstract TaskResult.Share of(TaskResult result);
  }
}
