package io.tritmill.jobs.evaluate;

import io.tritmill.jobs.report.EvalMetrics;
import io.tritmill.jobs.report.RunKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Answers to tasks as rows of {@code eval}. */
final class TaskRows {
  private TaskRows() {}

  static List<EvalMetrics> of(RunKey key, List<AskedTask> tasks) {
    List<EvalMetrics> rows = new ArrayList<>();
    for (AskedTask asked : tasks) {
      for (AskedTask.Metric metric : AskedTask.Metric.values()) {
        rows.add(row(key, asked, metric));
      }
    }
    return rows;
  }

  private static EvalMetrics row(RunKey key, AskedTask asked, AskedTask.Metric metric) {
    TaskResult result = asked.result();
    TaskResult.Share share = metric.of(result);
    double baseline = asked.baseline().map(before -> metric.of(before).value()).orElse(Double.NaN);
    double delta = share.value() - baseline;
    return new EvalMetrics(
        key,
        "compressed",
        result.task().name(),
        String.valueOf(AskedTask.VERSION),
        "multiple_choice",
        result.task().fingerprint(),
        "",
        "none",
        metric.key(),
        "tokenizer",
        true,
        share.value(),
        share.stderr().orElse(Double.NaN),
        baseline,
        delta,
        // Of a baseline that answers nothing right there is no share.
        baseline == 0 ? Double.NaN : 100 * delta / baseline,
        Optional.of(0),
        result.longest(),
        result.answers().size(),
        result.tokens(),
        Optional.empty(),
        result.wallMillis());
  }
}
