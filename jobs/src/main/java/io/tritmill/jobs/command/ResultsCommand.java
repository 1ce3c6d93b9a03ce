package io.tritmill.jobs.command;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.data.Protocol;
import io.tritmill.jobs.evaluate.EvaluationResult;
import io.tritmill.jobs.evaluate.RunEvaluation;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.quantize.CompressPipeline;
import io.tritmill.jobs.quantize.CompressPipeline.Resume;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.jobs.recipe.RecipeParser;
import io.tritmill.jobs.results.Outcome;
import io.tritmill.jobs.results.ResultsPage;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.run.RunState;
import io.tritmill.jobs.run.RunSummary;
import io.tritmill.jobs.spark.OpenSession;
import io.tritmill.jobs.spark.SparkSessions;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Compresses a checkpoint by several recipes, evaluates each run, and writes a page of what each
 * recipe loses.
 *
 * <p>The page is published anew after every run. Started again on the same output it compresses
 * only what is missing.
 *
 * <pre>
 * tritmill results --model ./llama --recipe ptqtp --recipe trit2-uniform --calibration ./texts
 *     --windows ./wikitext --output ./results
 * </pre>
 */
@Command(
    name = "results",
    description = "Compress a checkpoint by several recipes and write a page of what each loses.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example: tritmill results --model ./llama --recipe ptqtp --recipe trit2-uniform"
          + " --calibration ./texts --windows ./wikitext --output ./results",
      "The page is results.md in the output directory, beside a run directory for each recipe."
    })
final class ResultsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--model", required = true, paramLabel = "DIR", description = "Checkpoint.")
  private String model;

  @Option(
      names = "--recipe",
      required = true,
      paramLabel = "R",
      completionCandidates = BundledRecipes.class,
      description =
          "A recipe file, or the name of a bundled one, once for each line of the page:"
              + " ${COMPLETION-CANDIDATES}.")
  private List<String> recipes;

  @Option(
      names = "--reference",
      paramLabel = "NAME",
      description = "Name of the recipe that shares refer to (default: the first).")
  private String reference;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed instead of the recipe's; several give a mean and a spread.")
  private List<Long> seeds = List.of();

  @Option(
      names = "--calibration",
      paramLabel = "D",
      description = "Data set that layers learn from; given once for each to mix.")
  private List<String> calibration = List.of();

  @Option(
      names = "--documents",
      paramLabel = "D",
      description = "Data set to evaluate on, document by document; can be given several times.")
  private List<String> documents = List.of();

  @Option(
      names = "--windows",
      paramLabel = "D",
      description = "Data set to evaluate on in windows; can be given several times.")
  private List<String> windows = List.of();

  @Option(
      names = "--sequence-length",
      paramLabel = "N",
      description = "Tokens of a sequence (default: 2048, or the model's own limit if less).")
  private Integer sequenceLength;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Documents, or windows, of each data set at most (default: all).")
  private Integer limit;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Directory of the page and the runs.")
  private String output;

  @Override
  public Integer call() throws IOException {
    if (documents.isEmpty() && windows.isEmpty()) {
      throw BadInputException.usage("give --documents or --windows and a data set to evaluate on");
    }
    Storage storage = SparkSessions.storage();
    List<Recipe> parsed = recipes.stream().map(one -> RecipeParser.load(storage, one)).toList();
    ResultsPage page = page(storage, referenceAmong(parsed));
    Checkpoint.open(storage, storage.path(model));
    // Looked at before the work that would be lost.
    Stream.of(documents, windows, calibration)
        .flatMap(List::stream)
        .forEach(data -> storage.status(storage.path(data)));
    Path file = new Path(storage.outputPath(output), "results.md");
    try (OpenSession open = SparkSessions.open("results")) {
      SparkSession session = open.spark();
      for (Recipe recipe : parsed) {
        List<Recipe> seeded =
            seeds.isEmpty() ? List.of(recipe) : seeds.stream().map(recipe::withSeed).toList();
        for (Recipe one : seeded) {
          page.add(outcome(session, storage, one));
          storage.publish(file, page.markdown().getBytes(StandardCharsets.UTF_8));
        }
      }
      spec.commandLine().getOut().println(page.markdown());
      spec.commandLine().getOut().println("RESULTS=" + file.toUri());
      spec.commandLine().getOut().flush();
      return Tritmill.ok();
    }
  }

  private String referenceAmong(List<Recipe> parsed) {
    List<String> names = parsed.stream().map(Recipe::name).toList();
    if (names.stream().distinct().count() < names.size()) {
      throw BadInputException.usage(
          "two recipes have one name among %s; each needs a line of its own", names);
    }
    if (reference != null && !names.contains(reference)) {
      throw BadInputException.usage(
          "--reference %s is the name of none of the recipes %s", reference, names);
    }
    return reference == null ? names.getFirst() : reference;
  }

  private ResultsPage page(Storage storage, String referenceName) {
    List<String> names =
        Stream.concat(documents.stream(), windows.stream())
            .map(data -> storage.path(data).getName())
            .toList();
    List<String> remarks = new ArrayList<>();
    remarks.add(
        "Measured on %s with %d cores of %s, Java %s."
            .formatted(
                LocalDate.now(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.arch"),
                Runtime.version()));
    if (!calibration.isEmpty()) {
      remarks.add(
          "Recipes that learn were calibrated on equal parts of %s."
              .formatted(
                  String.join(
                      ", ",
                      calibration.stream().map(one -> storage.path(one).getName()).toList())));
    }
    return new ResultsPage(storage.path(model).getName(), names, referenceName, remarks);
  }

  private Outcome outcome(SparkSession session, Storage storage, Recipe recipe) {
    String name = seeds.isEmpty() ? recipe.name() : recipe.name() + "-" + recipe.seed();
    RunDirectory run = RunDirectory.at(new Path(storage.outputPath(output), name));
    ModelOptions.Planned planned = ModelOptions.plan(storage, model, recipe, false, calibration);
    if (CompressPipeline.check(storage, run, planned.plan(), Resume.AUTO) == RunState.COMPLETE) {
      System.err.println(run.path() + ": is compressed already; evaluating it again");
    } else {
      new CompressPipeline(session, storage, System.err)
          .run(planned.checkpoint(), planned.plan(), recipe, run, 0, planned.calibration());
    }
    List<EvaluationResult> results = new ArrayList<>();
    documents.forEach(data -> results.add(evaluate(session, storage, run, data, false)));
    windows.forEach(data -> results.add(evaluate(session, storage, run, data, true)));
    RunSummary summary = RunSummary.read(storage, run);
    return new Outcome(
        recipe.name(),
        recipe.seed(),
        Objects.requireNonNullElse(summary.bitsPerWeight(), Double.NaN),
        summary.bitsPerWeightModel(),
        summary.seconds(),
        results);
  }

  private EvaluationResult evaluate(
      SparkSession session, Storage storage, RunDirectory run, String data, boolean inWindows) {
    Protocol protocol = inWindows ? Protocol.WINDOWS : Protocol.DOCUMENTS;
    EvaluateCommand.Measured measured =
        EvaluateCommand.measure(
            session,
            storage,
            run.model(),
            EvaluationOptions.of(data, protocol, sequenceLength, limit),
            Optional.of(model));
    new RunEvaluation(session, storage)
        .record(run, measured.result(), measured.wallMillis(), Optional.empty());
    return measured.result();
  }
}
