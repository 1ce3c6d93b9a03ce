package io.tritmill.jobs.command;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.data.Protocol;
import io.tritmill.jobs.evaluate.RunEvaluation;
import io.tritmill.jobs.export.RunExports;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.generate.Activations;
import io.tritmill.jobs.generate.Generation;
import io.tritmill.jobs.generate.ResidentModel;
import io.tritmill.jobs.generate.TextModel;
import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.plan.Planner;
import io.tritmill.jobs.quantize.CompressPipeline;
import io.tritmill.jobs.quantize.CompressPipeline.Resume;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.jobs.recipe.RecipeParser;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.run.RunState;
import io.tritmill.jobs.run.RunSummary;
import io.tritmill.jobs.spark.Described;
import io.tritmill.jobs.spark.OpenSession;
import io.tritmill.jobs.spark.SparkSessions;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.function.Sampling;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Compresses, evaluates and exports the model that comes with Tritmill: a trained Llama of 5.8
 * million parameters, so that the whole path is seen in under a minute.
 *
 * <pre>tritmill demo</pre>
 */
@Command(
    name = "demo",
    description =
        "Compress, evaluate and export the bundled model: under a minute, no other input.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example: tritmill demo --output ./demo-run"})
final class DemoCommand implements Callable<Integer> {
  private static final int SEQUENCE_LENGTH = 256;
  private static final String FORMAT = "gguf:auto";
  private static final String BEGINNING = "Once upon a time";
  private static final int MOST_TOKENS = 32;

  @Spec private CommandSpec spec;
  @Mixin private FormatOption format;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "demo-run",
      description = "Run directory (default: ./demo-run).")
  private String output;

  @Option(
      names = "--recipe",
      paramLabel = "R",
      defaultValue = "ptqtp-uniform",
      completionCandidates = BundledRecipes.class,
      description =
          "A recipe file, or the name of a bundled one (default: ptqtp-uniform):"
              + " ${COMPLETION-CANDIDATES}.")
  private String recipe;

  @Override
  public Integer call() throws IOException {
    java.nio.file.Path examples = examples();
    Storage storage = SparkSessions.storage();
    Recipe parsed = RecipeParser.load(storage, recipe);
    RunDirectory run = RunDirectory.at(storage.outputPath(output));
    try (OpenSession open = SparkSessions.open("demo")) {
      SparkSession session = open.spark();
      String model = examples.resolve("demo-6m").toString();
      compress(session, storage, model, parsed, run);
      EvaluateCommand.Measured measured =
          EvaluateCommand.measure(
              session,
              storage,
              run.model(),
              EvaluationOptions.of(
                  examples.resolve("demo-evaluation").toString(),
                  Protocol.DOCUMENTS,
                  SEQUENCE_LENGTH,
                  null),
              Optional.of(model));
      new RunEvaluation(session, storage)
          .record(run, measured.result(), measured.wallMillis(), Optional.empty());
      RunSummary summary = RunSummary.read(storage, run);
      PrintWriter out = spec.commandLine().getOut();
      if (format.text()) {
        out.println(layers(session, run));
      }
      format.printRun(out, summary, run);
      if (format.text()) {
        end(storage, run, parsed, out);
      }
      return Tritmill.ok();
    }
  }

  /** Writes the run for llama.cpp, says how to start that, and lets the file say something. */
  private static void end(Storage storage, RunDirectory run, Recipe recipe, PrintWriter out)
      throws IOException {
    if (!recipe.transforms().isEmpty()) {
      return;
    }
    RunExports exports = new RunExports(storage, run, recipe, List.of(FORMAT));
    exports.write(System.err);
    Path file = exports.at(FORMAT);
    out.println();
    out.println("elsewhere        llama-cli -m %s".formatted(file.toUri().getPath()));
    out.println("it says          %s".formatted(sentence(storage, file)));
    out.flush();
  }

  private static String sentence(Storage storage, Path file) throws IOException {
    try (TextModel model = TextModel.open(storage, file, false)) {
      ResidentModel resident = ResidentModel.read(model.source(), Activations.EXACT);
      Generation.Limits limits =
          new Generation.Limits(MOST_TOKENS, model.positions(), model.ends(), List.of("."));
      Generation generation = new Generation(resident, Sampling.GREEDY, model.tokens(), limits);
      return BEGINNING + generation.run(model.prompt(BEGINNING), piece -> {}).text() + ".";
    }
  }

  private void compress(
      SparkSession session, Storage storage, String model, Recipe parsed, RunDirectory run) {
    Checkpoint checkpoint = Checkpoint.open(storage, storage.path(model));
    Plan plan = new Planner(storage).plan(checkpoint, parsed, false);
    if (CompressPipeline.check(storage, run, plan, Resume.AUTO) == RunState.COMPLETE) {
      System.err.println(run.path() + ": is compressed already; evaluating it again");
      return;
    }
    new CompressPipeline(session, storage, System.err)
        .run(checkpoint, plan, parsed, run, 0, Optional.empty());
  }

  private static Table layers(SparkSession session, RunDirectory run) {
    Table table =
        new Table(
            "layer", "shape", "method", "bits/weight", "rel. error", "SQNR dB", "zeros", "ms");
    try (Described _ = Described.as(session, "read the report for the table")) {
      session
          .read()
          .parquet(run.reports() + "/layers")
          .where("status = 'ok'")
          .selectExpr(
              "tensor_name",
              "concat(rows, 'x', cols)",
              "method",
              "bits_per_weight",
              "weight_rel_err",
              "weight_sqnr_db",
              "frac_zero",
              "read_ms + compute_ms + write_ms")
          .collectAsList()
          .forEach(row -> add(table, row));
    }
    return table;
  }

  private static void add(Table table, Row row) {
    table.row(
        row.getString(0),
        row.getString(1),
        row.getString(2),
        "%.3f".formatted(row.getDouble(3)),
        "%.4f".formatted(row.getDouble(4)),
        "%.2f".formatted(row.getDouble(5)),
        "%.1f %%".formatted(100 * row.getDouble(6)),
        Long.toString(row.getLong(7)));
  }

  /** The folder of examples: the launcher names it; without a launcher it is looked for here. */
  private static java.nio.file.Path examples() {
    java.nio.file.Path examples =
        java.nio.file.Path.of(System.getProperty("tritmill.home", "."), "examples");
    if (!Files.isDirectory(examples.resolve("demo-6m"))) {
      throw BadInputException.usage(
          "%s: has no demo-6m; run ./tritmill demo in a clone of the repository",
          examples.toAbsolutePath());
    }
    return examples;
  }
}
