package io.tritmill.jobs.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.SyntheticCheckpoint;
import io.tritmill.jobs.checkpoint.SyntheticShape;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.jobs.recipe.RecipeParser;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the forward pass of a block of Qwen3's mixture needs, by hand. */
class ForwardMemoryTest {
  private static final long EXPERTS = 128L * 3 * 768 * 2048;
  private static final long ROUTER = 128 * 2048;
  private static final long NORM = 2048;

  @TempDir Path folder;
  private final Storage storage = new Storage(new Configuration(false));
  private Checkpoint checkpoint;

  @BeforeEach
  void block() {
    var directory = storage.path(folder.resolve("model").toString());
    SyntheticCheckpoint.writeHeaders(
        storage, directory, SyntheticShape.of("30b-a3b").withBlocks(1));
    checkpoint = Checkpoint.open(storage, directory);
  }

  private Plan plan(String head, String stages) throws IOException {
    Path file = folder.resolve("recipe.yaml");
    Files.writeString(
        file,
        "version: 1\nname: test\n"
            + head
            + "rules:\n- {match: '*', stages: [%s]}\n".formatted(stages));
    Recipe recipe = RecipeParser.load(storage, file.toString());
    return new Planner(storage).plan(checkpoint, recipe, false);
  }

  @Test
  void allExpertsOfABlockAreHeldInAnExecutor() throws IOException {
    String data = "calibration: {samples: 8, sequence_length: 256}\n";
    ForwardMemory forward = plan(data, "{gptq: {}}, {twn: {group: 128}}").forward();
    assertEquals(2 * (EXPERTS + ROUTER) + 4 * NORM, forward.weights());
    // The stream, what is normed and results, and what an expert gathers and answers at worst.
    long streams = 5L * 8 * 256 * 2048 * 4;
    assertTrue(forward.task() >= streams, "" + forward.task());
    assertTrue(forward.task() <= 3 * streams, "" + forward.task());
  }

  @Test
  void whatIsCompressedAlreadyIsHeldBesideThatWhereErrorsArePropagated() throws IOException {
    String data = "calibration: {samples: 8, sequence_length: 256}\npropagate_error: true\n";
    Plan plan = plan(data, "{gptq: {}}, {twn: {group: 128}}");
    long compressed =
        plan.layers().stream()
            .filter(layer -> layer.site().routed())
            .mapToLong(PlannedTensor::bytesOut)
            .sum();
    assertTrue(compressed > EXPERTS / 5);
    assertEquals(2 * (EXPERTS + ROUTER) + 4 * NORM + compressed, plan.forward().weights());
  }

  @Test
  void rotatedWeightsAreHeldAsFloats() throws IOException {
    String data = "calibration: {samples: 8, sequence_length: 256}\ntransforms: [hadamard]\n";
    ForwardMemory forward = plan(data, "{gptq: {}}, {twn: {group: 128}}").forward();
    assertEquals(4 * (EXPERTS + NORM) + 2 * ROUTER, forward.weights());
  }

  @Test
  void anExecutorHasRoomForWeightsOnceAndForEveryTask() throws IOException {
    String data = "calibration: {samples: 8, sequence_length: 256}\n";
    Plan plan = plan(data, "{gptq: {}}, {twn: {group: 128}}");
    ForwardMemory forward = plan.forward();
    assertEquals(
        Math.max(3 * plan.memoryPerTask(), forward.weights() + 3 * forward.task()), plan.memory(3));
    ExecutorLayout layout = ExecutorLayout.of(plan, Cluster.parse("1x4c64g"));
    assertTrue(layout.heapBytes() >= plan.memory(layout.cores() / layout.taskCores()));
  }

  @Test
  void whereNothingIsLearnedOnlyEvaluationIsToldOf() throws IOException {
    ForwardMemory forward = plan("", "{twn: {group: 128}}").forward();
    assertEquals(0, forward.weights());
    assertEquals(0, forward.task());
    assertTrue(forward.evaluation() > 2 * EXPERTS);
  }
}
