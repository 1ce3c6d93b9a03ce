package io.tritmill.jobs.command;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.data.CalibrationReader;
import io.tritmill.jobs.data.CalibrationSet;
import io.tritmill.jobs.data.Documents;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.plan.PlannedTensor;
import io.tritmill.jobs.plan.Planner;
import io.tritmill.jobs.progress.Activity;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.jobs.recipe.RecipeParser;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tokenizer.Tokenizer;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.quantize.Need;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What is compressed, and how: the options that {@code plan} and {@code compress} share. */
final class ModelOptions {
  /** Tokens for each input of a layer below which a Gram matrix of them says more about chance. */
  private static final int TOKENS_FOR_AN_INPUT = 4;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "M",
      description =
          "Checkpoint: a folder in Hugging Face layout, or a GGUF file; a local path or a hdfs:, s3a:,"
              + " hf:, file: URI.")
  private String model;

  @Option(
      names = "--recipe",
      required = true,
      paramLabel = "R",
      completionCandidates = BundledRecipes.class,
      description = "A recipe file, or the name of a bundled one: ${COMPLETION-CANDIDATES}.")
  private String recipe;

  @Option(
      names = "--weights-only",
      description =
          "Compress the matrices of a model of any family, without knowing how to run it.")
  private boolean weightsOnly;

  /**
   * A checkpoint, its recipe and the plan that they make.
   *
   * @param calibration what layers learn from; empty if none does, or it was not read
   */
  record Planned(
      Checkpoint checkpoint, Recipe recipe, Plan plan, Optional<CalibrationSet> calibration) {}

  /** Reads the recipe. */
  Recipe recipe(Storage storage) {
    return RecipeParser.load(storage, recipe);
  }

  /**
   * Opens and plans, from config.json alone where there are no weights yet.
   *
   * @param recipe as {@link #recipe} has it
   * @param data sets that a recipe will learn from, whose headers are looked at
   */
  Planned look(Storage storage, Recipe recipe, List<String> data) {
    Checkpoint checkpoint = Checkpoint.openOrDescribe(storage, storage.path(model));
    Planned planned = plan(storage, checkpoint, recipe, weightsOnly);
    if (planned.recipe().learns()) {
      calibration(planned);
    }
    documents(storage, data);
    return planned;
  }

  /** Opens, draws the calibration set if the recipe learns from one, and plans. */
  Planned plan(Storage storage, List<String> data) {
    return plan(storage, model, recipe(storage), weightsOnly, data);
  }

  private static Planned plan(
      Storage storage, Checkpoint checkpoint, Recipe recipe, boolean weightsOnly) {
    Plan plan = new Planner(storage).plan(checkpoint, recipe, weightsOnly);
    return new Planned(checkpoint, recipe, plan, Optional.empty());
  }

  /** The same of a model and a recipe that a command chooses itself. */
  static Planned plan(
      Storage storage, String model, Recipe recipe, boolean weightsOnly, List<String> data) {
    Checkpoint checkpoint = Checkpoint.open(storage, storage.path(model));
    Planned planned = plan(storage, checkpoint, recipe, weightsOnly);
    if (!recipe.learns()) {
      return planned;
    }
    CalibrationSet set =
        Activity.during("reading calibration data", () -> draw(storage, planned, data));
    set.remarks().forEach(remark -> System.err.println("warning: " + remark));
    fewTokens(planned.plan(), set).ifPresent(remark -> System.err.println("warning: " + remark));
    Plan plan = new Planner(storage).plan(planned.checkpoint(), recipe, weightsOnly, set.digest());
    return new Planned(planned.checkpoint(), recipe, plan, Optional.of(set));
  }

  /** A sentence where regressions on the inputs of the widest layer would fit chance. */
  private static Optional<String> fewTokens(Plan plan, CalibrationSet set) {
    int widest =
        plan.layers().stream()
            .filter(layer -> layer.quantizer().needs().contains(Need.GRAM))
            .mapToInt(PlannedTensor::columns)
            .max()
            .orElse(0);
    long enough = TOKENS_FOR_AN_INPUT * (long) widest;
    if (set.fittedTokens() >= enough) {
      return Optional.empty();
    }
    double length = (double) set.fittedTokens() / set.fitted().size();
    return Optional.of(
        "%d calibration tokens are few for layers of %d inputs, and what they teach may be chance;"
                .formatted(set.fittedTokens(), widest)
            + " samples: %d would do%s"
                .formatted(
                    (long) Math.ceil(enough / length),
                    set.heldOut().isEmpty()
                        ? ", and held_out: 16 guards against it"
                        : "; the tokens held out decide how much of it is used"));
  }

  private static CalibrationSet draw(Storage storage, Planned planned, List<String> data) {
    if (data.isEmpty()) {
      throw BadInputException.usage(
          "recipe %s learns from data: give --calibration and a data set", planned.recipe().name());
    }
    Recipe.Calibration wanted = calibration(planned);
    Architecture config = planned.checkpoint().architecture();
    return new CalibrationReader(
            config.vocabulary(),
            config.bosToken(),
            wanted.sequenceLength(),
            planned.recipe().seed())
        .read(
            documents(storage, data),
            wanted.samples(),
            wanted.heldOut(),
            () -> Tokenizer.open(storage, planned.checkpoint().directory()));
  }

  /** What a recipe asks of its data, if the model can take it. */
  private static Recipe.Calibration calibration(Planned planned) {
    Recipe recipe = planned.recipe();
    Recipe.Calibration wanted = recipe.calibration().orElse(Recipe.Calibration.DEFAULT);
    Architecture config = planned.checkpoint().architecture();
    if (wanted.sequenceLength() > config.maxPositions()) {
      throw BadInputException.unsupported(
          "recipe %s: calibration has a sequence_length of %d, but the model was made for %d"
              + " positions; write calibration: {sequence_length: %d} or less",
          recipe.name(), wanted.sequenceLength(), config.maxPositions(), config.maxPositions());
    }
    return wanted;
  }

  private static List<Documents> documents(Storage storage, List<String> data) {
    return data.stream()
        .map(one -> Documents.open(storage, storage.path(one), Documents.Selection.LEARNING))
        .toList();
  }
}
