package io.tritmill.jobs.command;

import io.tritmill.jobs.data.EvaluationSet;
import io.tritmill.jobs.data.Questions;
import io.tritmill.jobs.evaluate.AskedTask;
import io.tritmill.jobs.evaluate.EvaluateOnSpark;
import io.tritmill.jobs.evaluate.EvaluationResult;
import io.tritmill.jobs.evaluate.RunEvaluation;
import io.tritmill.jobs.evaluate.TasksOnSpark;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.gate.AcceptedRun;
import io.tritmill.jobs.generate.TextModel;
import io.tritmill.jobs.gguf.GgufFiles;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.ModelSources;
import io.tritmill.jobs.progress.Activity;
import io.tritmill.jobs.run.Place;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.run.RunLock;
import io.tritmill.jobs.run.RunSummary;
import io.tritmill.jobs.spark.OpenSession;
import io.tritmill.jobs.spark.SparkSessions;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Measures the perplexity of a checkpoint or of a run, and with a baseline the ratio of the two and
 * the mean KL divergence of their next-token distributions; asks it the questions of tasks.
 *
 * <p>What is measured of a run is entered in its reports and its summary; its gate decides the exit
 * code.
 *
 * <pre>tritmill evaluate ./runs/llama-ptqtp --dataset ./wikitext --protocol windows</pre>
 */
@Command(
    name = "evaluate",
    description = "Measure the perplexity of a checkpoint or a run, or its answers to tasks.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example: tritmill evaluate ./runs/llama-ptqtp --dataset ./wikitext --protocol windows"
          + " --baseline ./llama"
    })
final class EvaluateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private EvaluationOptions on;
  @Mixin private TaskOptions tasks;
  @Mixin private GateOptions gate;
  @Mixin private FormatOption format;

  @Parameters(
      paramLabel = "M|RUN",
      description = "Checkpoint, GGUF file, packed model or run directory.")
  private String model;

  @Option(
      names = "--baseline",
      paramLabel = "M",
      description = "Model to compare with, as a rule the checkpoint that the run was made from.")
  private String baseline;

  @Override
  public Integer call() throws IOException {
    // What cannot be measured is refused before a cluster is asked for anything.
    Storage storage = SparkSessions.storage();
    Path given = storage.path(model);
    RunDirectory run = RunDirectory.at(given);
    // Nothing lies below a file, and some file systems do not bear the question.
    boolean ofRun = !GgufFiles.named(given.getName()) && storage.exists(run.plan());
    if (ofRun) {
      Place.requireEvaluable(storage, run);
    } else {
      gate.refuse(model);
      ModelSources.open(storage, given);
    }
    if (!on.given() && !tasks.given()) {
      throw BadInputException.usage(
          "evaluate has nothing to measure; give --dataset for perplexity, or --tasks");
    }
    if (on.given()) {
      on.open(storage);
    } else {
      gate.refuseWithoutData();
    }
    if (baseline != null) {
      ModelSources.open(storage, storage.path(baseline));
    }
    List<Questions> questions = tasks.read(storage, on.limit());
    try (OpenSession open = SparkSessions.open("evaluate")) {
      SparkSession session = open.spark();
      if (ofRun) {
        evaluate(session, storage, run, questions);
      } else {
        print(find(session, storage, given, questions), null);
      }
      return Tritmill.ok();
    }
  }

  /**
   * What was found.
   *
   * @param measured empty where no perplexity was asked for
   */
  private record Found(Optional<Measured> measured, List<AskedTask> tasks) {}

  private Found find(SparkSession session, Storage storage, Path model, List<Questions> questions) {
    Optional<Measured> measured =
        on.given()
            ? Optional.of(measure(session, storage, model, on, Optional.ofNullable(baseline)))
            : Optional.empty();
    List<AskedTask> asked = ask(session, storage, model, questions);
    tasks
        .samples(storage)
        .ifPresent(
            folder ->
                asked.forEach(
                    one ->
                        storage.publish(
                            TaskOptions.file(folder, one.result().task()),
                            TaskText.answers(one.result()))));
    return new Found(measured, asked);
  }

  private List<AskedTask> ask(
      SparkSession session, Storage storage, Path model, List<Questions> questions) {
    List<AskedTask> asked = new ArrayList<>();
    if (questions.isEmpty()) {
      return asked;
    }
    TasksOnSpark spark =
        new TasksOnSpark(JavaSparkContext.fromSparkContext(session.sparkContext()), System.err);
    try (TextModel source = TextModel.open(storage, model, false);
        TextModel before =
            baseline == null ? null : TextModel.open(storage, storage.path(baseline), false)) {
      for (Questions task : questions) {
        Optional<TextModel> other = Optional.ofNullable(before);
        asked.add(
            new AskedTask(spark.ask(source, task), other.map(found -> spark.ask(found, task))));
      }
    }
    return asked;
  }

  private void evaluate(
      SparkSession session, Storage storage, RunDirectory run, List<Questions> questions)
      throws IOException {
    RunEvaluation evaluation = new RunEvaluation(session, storage);
    Optional<AcceptedRun> accepted = gate.accepted(storage, run);
    Optional<RunLock> lock = evaluation.begin(run);
    try {
      Found found = find(session, storage, run.model(), questions);
      print(found, RunSummary.read(storage, run));
      RunLock own =
          lock.orElseThrow(
              () ->
                  BadInputException.conflict(
                      "%s: cannot be written by this user: what was measured is printed, but not"
                          + " recorded",
                      run.path()));
      if (!found.tasks().isEmpty()) {
        evaluation.record(run, found.tasks(), own);
      }
      if (found.measured().isPresent()) {
        Measured measured = found.measured().get();
        gate.require(
            run, evaluation.record(run, measured.result(), measured.wallMillis(), accepted, own));
      }
    } finally {
      lock.ifPresent(RunLock::close);
    }
  }

  /**
   * Prints what was found.
   *
   * @param run the run that it was measured of; null of another model
   */
  private void print(Found found, RunSummary run) {
    Map<String, Object> json = new LinkedHashMap<>();
    StringBuilder text = new StringBuilder();
    found
        .measured()
        .ifPresent(
            measured -> {
              json.putAll(json(measured.result()));
              text.append(text(measured.result()));
            });
    if (!found.tasks().isEmpty()) {
      json.putAll(TaskText.json(found.tasks(), model, on.limit()));
    }
    if (run != null) {
      json.put("bits_per_weight", run.bitsPerWeight());
      json.put("bits_per_weight_model", run.bitsPerWeightModel());
      text.append("%-16s %s%n".formatted("bits per weight", SummaryText.bits(run)));
    }
    if (!found.tasks().isEmpty()) {
      text.append(text.isEmpty() ? "" : "\n").append(TaskText.table(found.tasks()));
    }
    format.print(spec.commandLine().getOut(), json, text.toString());
  }

  /** A result and the time it took. */
  record Measured(EvaluationResult result, long wallMillis) {}

  /** Evaluates a model, against a baseline where there is one. */
  static Measured measure(
      SparkSession session,
      Storage storage,
      Path model,
      EvaluationOptions on,
      Optional<String> baseline) {
    long begin = System.nanoTime();
    ModelSource source = ModelSources.open(storage, model);
    source.remarks().forEach(remark -> System.err.println("warning: " + remark));
    EvaluationSet set =
        Activity.during("reading data", () -> on.read(storage, model, source.architecture()));
    EvaluateOnSpark evaluation =
        new EvaluateOnSpark(
            JavaSparkContext.fromSparkContext(session.sparkContext()), set, System.err);
    EvaluationResult result =
        baseline
            .map(b -> evaluation.evaluate(source, ModelSources.open(storage, storage.path(b))))
            .orElseGet(() -> evaluation.evaluate(source));
    return new Measured(result, (System.nanoTime() - begin) / 1_000_000);
  }

  private static Map<String, Object> json(EvaluationResult result) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("perplexity", result.perplexity());
    json.put("nll_mean", result.nllMean());
    json.put("tokens", result.tokens());
    json.put("documents", result.documents());
    json.put("sequences", result.sequences());
    json.put("protocol", result.protocol().key());
    json.put("sequence_length", result.sequenceLength());
    json.put("dataset_fingerprint", result.datasetFingerprint());
    result
        .baseline()
        .ifPresent(
            baseline -> {
              json.put("baseline_perplexity", baseline.perplexity());
              json.put("perplexity_ratio", baseline.perplexityRatio());
              json.put("kl_divergence", baseline.klDivergence());
            });
    return json;
  }

  private static String text(EvaluationResult result) {
    StringBuilder text = new StringBuilder();
    text.append("%-16s %.6f%n".formatted("perplexity", result.perplexity()));
    result
        .baseline()
        .ifPresent(
            baseline -> {
              text.append("%-16s %.6f%n".formatted("baseline", baseline.perplexity()));
              text.append("%-16s %.6f%n".formatted("ratio", baseline.perplexityRatio()));
              text.append("%-16s %.6f%n".formatted("KL divergence", baseline.klDivergence()));
            });
    text.append("%-16s %.6f nats a token%n".formatted("mean NLL", result.nllMean()));
    text.append(
        "%-16s %,d tokens in %,d sequences of at most %d, protocol %s, data %s%n"
            .formatted(
                "measured on",
                result.tokens(),
                result.sequences(),
                result.sequenceLength(),
                result.protocol().key(),
                result.datasetFingerprint()));
    return text.toString();
  }
}
