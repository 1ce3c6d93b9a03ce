package io.tritmill.jobs.command;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.plan.Planner;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.jobs.recipe.RecipeParser;
import io.tritmill.jobs.storage.Storage;
import picocli.CommandLine.Option;

/** What is compressed, and how: the options that {@code plan} and {@code compress} share. */
final class ModelOptions {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "Checkpoint in Hugging Face layout: a local path or a hdfs:, s3a:, file: URI.")
  private String model;

  @Option(
      names = "--recipe",
      required = true,
      paramLabel = "R",
      description = "A recipe file, or the name of a bundled one such as ptqtp.")
  private String recipe;

  @Option(
      names = "--weights-only",
      description =
          "Compress the matrices of a model of any family, without knowing how to run it.")
  private boolean weightsOnly;

  /** A checkpoint, its recipe and the plan that they make. */
  record Planned(Checkpoint checkpoint, Recipe recipe, Plan plan) {}

  /** Opens and plans; reads headers only. */
  Planned plan(Storage storage) {
    Recipe parsed = RecipeParser.load(storage, recipe);
    Checkpoint checkpoint = Checkpoint.open(storage, storage.path(model));
    Plan plan = new Planner(storage).plan(checkpoint, parsed, weightsOnly);
    return new Planned(checkpoint, parsed, plan);
  }
}
