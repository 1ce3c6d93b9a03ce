package io.tritmill.jobs.command;

import io.tritmill.jobs.data.Question;
import io.tritmill.jobs.data.Questions;
import io.tritmill.jobs.evaluate.AskedTask;
import io.tritmill.jobs.evaluate.TaskResult;
import io.tritmill.jobs.storage.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What a model answered, for people, and in the layout of lm-evaluation-harness. */
final class TaskText {
  private TaskText() {}

  /** A row for each number. */
  static String table(List<AskedTask> tasks) {
    Table table = new Table("task", "questions", "metric", "value", "stderr", "baseline");
    for (AskedTask asked : tasks) {
      for (AskedTask.Metric metric : AskedTask.Metric.values()) {
        TaskResult.Share share = metric.of(asked.result());
        table.row(
            asked.result().task().name(),
            "%,d".formatted(asked.result().answers().size()),
            metric.key(),
            "%.4f".formatted(share.value()),
            share.stderr().isPresent() ? "%.4f".formatted(share.stderr().getAsDouble()) : "",
            asked.baseline().map(before -> "%.4f".formatted(metric.of(before).value())).orElse(""));
      }
    }
    return table.toString();
  }

  /**
   * The results of that program, with its names.
   *
   * @param model as the user named it
   * @param limit null where all questions were asked
   */
  static Map<String, Object> json(List<AskedTask> tasks, String model, Integer limit) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("results", byTask(tasks, asked -> results(asked.result())));
    json.put("group_subtasks", Map.of());
    json.put("configs", byTask(tasks, asked -> config(asked.result().task())));
    json.put("versions", byTask(tasks, asked -> AskedTask.VERSION));
    json.put("n-shot", byTask(tasks, asked -> 0));
    json.put("higher_is_better", byTask(tasks, asked -> Map.of("acc", true, "acc_norm", true)));
    json.put("n-samples", byTask(tasks, asked -> samples(asked.result())));
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("model", "tritmill");
    config.put("model_args", Map.of("pretrained", model));
    config.put("limit", limit);
    json.put("config", config);
    if (tasks.stream().anyMatch(asked -> asked.baseline().isPresent())) {
      json.put(
          "baseline",
          Map.of("results", byTask(tasks, asked -> results(asked.baseline().orElseThrow()))));
    }
    return json;
  }

  private static Map<String, Object> byTask(
      List<AskedTask> tasks, Function<AskedTask, Object> value) {
    Map<String, Object> all = new LinkedHashMap<>();
    tasks.forEach(asked -> all.put(asked.result().task().name(), value.apply(asked)));
    return all;
  }

  private static Map<String, Object> results(TaskResult result) {
    Map<String, Object> numbers = new LinkedHashMap<>();
    numbers.put("alias", result.task().name());
    numbers.put("sample_len", result.answers().size());
    for (AskedTask.Metric metric : AskedTask.Metric.values()) {
      TaskResult.Share share = metric.of(result);
      numbers.put(metric.key() + ",none", share.value());
      numbers.put(
          metric.key() + "_stderr,none",
          share.stderr().isPresent() ? (Object) share.stderr().getAsDouble() : "N/A");
    }
    return numbers;
  }

  private static Map<String, Object> config(Questions task) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("task", task.name());
    config.put("dataset_path", task.path().toString());
    config.put("dataset_fingerprint", task.fingerprint());
    config.put("output_type", "multiple_choice");
    config.put("doc_to_text", "context");
    config.put("doc_to_choice", "choices");
    config.put("doc_to_target", "answer");
    config.put("target_delimiter", " ");
    config.put("num_fewshot", 0);
    config.put("metric_list", List.of(Map.of("metric", "acc"), Map.of("metric", "acc_norm")));
    return config;
  }

  private static Map<String, Object> samples(TaskResult result) {
    return Map.of("original", result.task().rows(), "effective", result.answers().size());
  }

  /** A line for each question, with the numbers of its choices. */
  static byte[] answers(TaskResult result) {
    StringBuilder lines = new StringBuilder();
    for (int q = 0; q < result.answers().size(); q++) {
      lines.append(Json.line(answer(q, result.task().questions().get(q), result.answers().get(q))));
      lines.append('\n');
    }
    return lines.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static Map<String, Object> answer(int id, Question question, TaskResult.Answer answer) {
    List<List<Object>> numbers = new ArrayList<>();
    for (int choice = 0; choice < question.choices().size(); choice++) {
      numbers.add(List.of(answer.logLikelihoods()[choice], answer.mostLikely()[choice]));
    }
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("doc_id", id);
    line.put("doc", question);
    line.put("target", String.valueOf(question.answer()));
    line.put("filtered_resps", numbers);
    line.put("filter", "none");
    line.put("metrics", List.of("acc", "acc_norm"));
    line.put("acc", answer.right() ? 1 : 0);
    line.put("acc_norm", answer.rightByLength() ? 1 : 0);
    return line;
  }
}
