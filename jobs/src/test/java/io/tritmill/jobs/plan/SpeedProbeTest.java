package io.tritmill.jobs.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.SyntheticCheckpoint;
import io.tritmill.jobs.checkpoint.SyntheticShape;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.jobs.recipe.RecipeParser;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.quantize.Quantizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a plan needs to know of this machine, and a plan of the largest mixture. */
@Tag("slow")
class SpeedProbeTest {
  @TempDir Path folder;
  private final Storage storage = new Storage(new Configuration(false));

  private Recipe recipe(String rules) throws IOException {
    Path file = Files.createTempFile(folder, "recipe", ".yaml");
    Files.writeString(file, "version: 1\nname: test\nrules:\n" + rules);
    return RecipeParser.load(storage, file.toString());
  }

  private Plan plan(String shape, Recipe recipe) {
    var directory = storage.path(folder.resolve(shape).toString());
    if (!storage.exists(directory)) {
      SyntheticCheckpoint.writeHeaders(storage, directory, SyntheticShape.of(shape));
    }
    return new Planner(storage).plan(Checkpoint.open(storage, directory), recipe, false);
  }

  @Test
  void whatThePlanNeedsIsMeasuredAndWhatItDoesNotIsLeftOut() throws IOException {
    Recipe begun =
        recipe(
            "- {match: '*.q_proj.*', stages: [{twn: {group: 64}}]}\n"
                + "- {match: '*', stages: [{gptq: {}}, {ptqtp: {planes: 1, group: 64}}]}\n");
    Recipe planned = recipe("- {match: '*', stages: [{absmean: {group: 64}}]}\n");
    try (SpeedProbe probe = SpeedProbe.begin(begun)) {
      Rates rates = probe.rates(plan("tiny", planned));
      Quantizer method = planned.rules().getFirst().quantizer();
      assertEquals(Set.of(method), rates.weights().keySet());
      assertTrue(rates.weights().get(method) > 0);
      assertEquals(0, rates.perInput().get(method));
      assertTrue(rates.checked() > 0 && rates.digested() > 0 && rates.flops() > 0);
    }
  }

  @Test
  void aMethodThatLearnsTakesNoLessForMoreInputs() throws IOException {
    Recipe recipe = recipe("- {match: '*', stages: [{gptq: {}}, {twn: {group: 64}}]}\n");
    try (SpeedProbe probe = SpeedProbe.begin(recipe)) {
      Rates rates = probe.rates(plan("tiny", recipe));
      Quantizer method = recipe.rules().getFirst().quantizer();
      double narrow = rates.learning(method, SpeedProbe.SIDE);
      assertEquals(1 / rates.weights().get(method), narrow);
      assertTrue(rates.learning(method, 20_000) >= narrow);
    }
  }

  @Test
  void aMethodOfBlocksIsMeasuredToo() throws IOException {
    Recipe recipe = recipe("- {match: '*', stages: [{gptq: {}}, q4_k]}\n");
    try (SpeedProbe probe = SpeedProbe.begin(recipe)) {
      Rates rates = probe.rates(plan("160m", recipe));
      assertTrue(rates.weights().get(recipe.rules().getFirst().quantizer()) > 0);
    }
  }

  @Test
  void aMixtureOfManyTensorsIsPlannedAsItIsPublished() throws IOException {
    Plan plan =
        plan("671b-fp8", recipe("- {match: '*', stages: [{ptqtp: {planes: 2, group: 128}}]}\n"));
    assertEquals(45_395, plan.tensors().size());
    assertEquals(45_032, plan.layers().size());
    assertEquals(671_026_419_200L, plan.parameters());
    long scaled =
        plan.tensors().stream()
            .filter(tensor -> tensor.tensor().dress().companion().isPresent())
            .count();
    assertEquals(45_032, scaled);
  }
}
