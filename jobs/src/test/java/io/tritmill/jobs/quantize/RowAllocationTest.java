package io.tritmill.jobs.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.jobs.data.CalibrationSet;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.plan.Planner;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.jobs.recipe.RecipeParser;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.verify.Verifier;
import io.tritmill.kernels.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Rows choose their planes over the whole model, whatever the cluster and however often killed. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class RowAllocationTest {
  private static final Sizes SIZES = new Sizes(70, 40, 172, 2, 5, 1);
  private static final int LENGTH = 37;
  private static final double BITS = 3.9;

  @TempDir private static Path directory;

  private static Storage storage;
  private static Checkpoint checkpoint;

  @BeforeAll
  static void compress() {
    storage = SharedSpark.storage();
    Path model = directory.resolve("checkpoint");
    SafetensorsBuilder.writeLlama(model, SIZES, false, DType.BF16, 1);
    checkpoint = Checkpoint.open(storage, storage.path(model.toString()));
    run("one", 1);
  }

  @Test
  void theBudgetIsKeptAndAlmostAllUsed() {
    JsonNode summary = RunFiles.json(directory.resolve("one/summary.json"));
    JsonNode plan = RunFiles.json(directory.resolve("one/plan.json"));
    double bits = summary.get("bits_per_weight").asDouble();
    assertTrue(bits <= BITS && bits > BITS - 0.05, summary.toString());
    assertEquals(bits, plan.get("bits_per_weight").asDouble());
    JsonNode layers = RunFiles.json(directory.resolve("one/planes.json")).get("layers");
    assertEquals(14, layers.size());
    StringBuilder all = new StringBuilder();
    layers.forEach(digits -> all.append(digits.asText()));
    for (String count : List.of("1", "2", "3")) {
      assertTrue(all.indexOf(count) >= 0, all.toString());
    }
    RunDirectory run = directoryOf("one");
    assertEquals(
        List.of(), new Verifier(SharedSpark.session(), storage).verify(run, 14).problems());
  }

  @Test
  void beforeItIsKnownThePlanHasTheBudget() {
    Plan plan = plan(recipe(BITS));
    assertEquals(BITS, plan.bitsPerWeight(), 1e-3);
    assertTrue(plan.learns());
  }

  @Test
  void bytesDoNotDependOnHowTasksAreDealt() throws IOException {
    run("many", 7);
    for (String file : List.of("planes.json", "model/model.safetensors", "plan.json")) {
      assertArrayEquals(bytes("one", file), bytes("many", file), file);
    }
  }

  @Test
  void whatAnEarlierAttemptMeasuredIsUsedAgain() throws IOException {
    RunDirectory run = directoryOf("killed");
    decide("killed");
    Path damages = directory.resolve("killed/_work/damages");
    List<Path> entries;
    try (Stream<Path> files = Files.list(damages)) {
      entries = files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
    assertFalse(entries.isEmpty());
    Files.delete(entries.getFirst());
    Files.writeString(directory.resolve("killed/planes.json"), "{\"bits\": 3.9, \"lay");
    decide("killed");
    assertArrayEquals(bytes("one", "planes.json"), bytes("killed", "planes.json"));
    // Now nothing is measured: the file is enough.
    storage.delete(run.damages());
    decide("killed");
    assertFalse(Files.exists(damages));
    assertArrayEquals(bytes("one", "planes.json"), bytes("killed", "planes.json"));
  }

  @Test
  void aBudgetBelowOnePlaneIsRefusedAtOnce() {
    BadInputException e = assertThrows(BadInputException.class, () -> plan(recipe(1.7)));
    assertEquals(ExitCode.UNSUPPORTED, e.exitCode());
    assertTrue(e.getMessage().contains("trit_rows has 1.700 bits a weight for 14"), e.getMessage());
    assertTrue(e.getMessage().contains("one plane in every row takes 2."), e.getMessage());
  }

  private static Recipe recipe(double bits) {
    String yaml =
        """
        version: 1
        name: rows
        transforms: [hadamard]
        propagate_error: true
        rules:
          - match: "*"
            stages:
              - qep: {alpha: 1.0, damp: 0.01}
              - output_metric: {rounds: 1}
              - comq: {sweeps: 1, damp: 0.01}
              - gptq: {damp: 0.01}
              - trit_rows: {bits: %s, group: 32}
        """
            .formatted(bits);
    return RecipeParser.parse("r.yaml", yaml.getBytes(StandardCharsets.UTF_8));
  }

  private static Plan plan(Recipe recipe) {
    return new Planner(storage).plan(checkpoint, recipe, false, set().digest());
  }

  private static CalibrationSet set() {
    List<int[]> sequences = new ArrayList<>();
    for (int s = 0; s < 120; s++) {
      sequences.add(new Random(s).ints(LENGTH, 0, SIZES.vocabulary()).toArray());
    }
    return new CalibrationSet(sequences.subList(0, 115), sequences.subList(115, 120), List.of());
  }

  private static RunDirectory directoryOf(String name) {
    return RunDirectory.at(storage.path(directory.resolve(name).toString()));
  }

  private static byte[] bytes(String name, String file) throws IOException {
    return Files.readAllBytes(directory.resolve(name).resolve(file));
  }

  private static CompressPipeline pipeline() {
    return new CompressPipeline(
        SharedSpark.session(),
        storage,
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
  }

  private static void run(String name, int partitions) {
    Recipe recipe = recipe(BITS);
    pipeline()
        .run(checkpoint, plan(recipe), recipe, directoryOf(name), partitions, Optional.of(set()));
  }

  /** The first phase of a run alone. */
  private static void decide(String name) {
    pipeline().decided(checkpoint, plan(recipe(BITS)), directoryOf(name), set(), () -> {});
  }
}
