package io.tritmill.jobs.quantize;

import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.plan.SmallBands;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.jobs.recipe.RecipeParser;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A checkpoint of three shards whose widths neither five nor any group divides, and a recipe that
 * uses every kind of levels and of scale.
 */
public final class MixedModel {
  /** Rows of 44 and 172 columns. */
  private static final Sizes SIZES = new Sizes(70, 44, 172, 2, 2, 1);

  private static final String RECIPE =
      """
      version: 1
      name: mixed
      rules:
        - match: "*.q_proj.weight"
          stages: [{absmean: {group: tensor}}]
        - match: "*.k_proj.weight"
          stages: [{twn: {group: tensor}}]
        - match: "*.v_proj.weight"
          stages: [{twn: {group: row}}]
        - match: "*.1.self_attn.o_proj.weight"
          stages: [{four_levels: {group: 7}}]
        - match: "*.1.mlp.gate_proj.weight"
          stages: [{int: {bits: 5, group: 13}}]
        - match: "*.1.mlp.up_proj.weight"
          stages: [{int: {bits: 3, group: row, symmetric: false}}]
        - match: "*.o_proj.weight"
          stages: [{statistical: {group: 7}}]
        - match: "*.gate_proj.weight"
          stages: [{ptqtp: {planes: 2, group: 128}}]
        - match: "*.up_proj.weight"
          stages: [{ptqtp: {planes: 3, group: 13, tied: true}}]
        - match: "*.0.mlp.down_proj.weight"
          stages: [{ptqtp: {planes: 3, group: row}}]
        - match: "*"
          keep: true
      """;

  private final Path model;
  private final Storage storage = SharedSpark.storage();

  private MixedModel(Path model) {
    this.model = model;
  }

  /** Writes the checkpoint. */
  public static MixedModel in(Path model, DType type) {
    SafetensorsBuilder.writeLlama(model, SIZES, true, type, 3);
    return new MixedModel(model);
  }

  /** Its checkpoint. */
  public Checkpoint checkpoint() {
    return Checkpoint.open(storage, storage.path(model.toString()));
  }

  /** Its recipe. */
  public Recipe recipe() {
    return RecipeParser.parse("mixed.yaml", RECIPE.getBytes(StandardCharsets.UTF_8));
  }

  /** Its plan, with bands of about so many weights. */
  public Plan plan(int bandWeights) {
    return SmallBands.planner(storage, bandWeights).plan(checkpoint(), recipe(), false);
  }

  /** Compresses it; returns what was printed. */
  public String compress(Path output, int bandWeights, int partitions) {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    new CompressPipeline(
            SharedSpark.session(), storage, new PrintStream(printed, true, StandardCharsets.UTF_8))
        .run(
            checkpoint(),
            plan(bandWeights),
            recipe(),
            RunDirectory.at(storage.path(output.toString())),
            partitions,
            Optional.empty());
    return printed.toString(StandardCharsets.UTF_8);
  }
}
