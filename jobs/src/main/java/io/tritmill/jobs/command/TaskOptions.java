package io.tritmill.jobs.command;

import io.tritmill.jobs.data.Questions;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Option;

/** The tasks that a model is asked. */
final class TaskOptions {
  @Option(
      names = "--tasks",
      split = ",",
      paramLabel = "FILE",
      description =
          "Files of questions with several answers: Arrow, Parquet or JSONL with the columns"
              + " context, choices and answer.")
  private List<String> files = List.of();

  @Option(
      names = "--samples",
      paramLabel = "DIR",
      description = "Folder that gets what was answered to each question, a file a task.")
  private String samples;

  boolean given() {
    return !files.isEmpty();
  }

  /**
   * Reads the questions.
   *
   * @param limit questions of a task at most; null for all
   */
  List<Questions> read(Storage storage, Integer limit) {
    if (given() && limit != null && limit < 1) {
      throw BadInputException.usage(
          "--limit is %d, expected 1 or more questions of each task", limit);
    }
    List<Questions> tasks = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (String file : files) {
      Questions task =
          Questions.read(storage, storage.path(file), limit == null ? Integer.MAX_VALUE : limit);
      if (!names.add(task.name())) {
        throw BadInputException.usage(
            "%s: is the second task that is called %s; rename one of the files",
            task.path(), task.name());
      }
      tasks.add(task);
    }
    samples(storage)
        .ifPresent(folder -> tasks.forEach(task -> requireFree(storage, file(folder, task))));
    return tasks;
  }

  private static void requireFree(Storage storage, Path file) {
    if (storage.exists(file)) {
      throw BadInputException.conflict("%s: is there already; give another --samples", file);
    }
  }

  /** The folder for what was answered. */
  Optional<Path> samples(Storage storage) {
    if (samples != null && !given()) {
      throw BadInputException.usage("--samples is for answers to --tasks; give some");
    }
    return Optional.ofNullable(samples).map(storage::outputPath);
  }

  /** The file for what was answered to a task. */
  static Path file(Path folder, Questions task) {
    return new Path(folder, "samples_%s.jsonl".formatted(task.name()));
  }
}
