package io.tritmill.jobs.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.jobs.data.CalibrationSet;
import io.tritmill.jobs.model.ModelReader;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.ModelSources;
import io.tritmill.jobs.plan.LayerShard;
import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.plan.Planner;
import io.tritmill.jobs.plan.SmallBands;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.jobs.recipe.RecipeParser;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.forward.ForwardPass;
import io.tritmill.kernels.model.forward.OutputHead;
import io.tritmill.kernels.model.forward.Taps;
import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Matrix;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The head is fitted last, band by band, on the final hidden states. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class CalibratedHeadTest {
  /** Bands of the head, which has 24 columns, begin at every 45th row where bands are small. */
  private static final Sizes SIZES = new Sizes(173, 24, 52, 2, 3, 1);

  private static final int LENGTH = 37;
  private static final int WHOLE = 1 << 22;
  private static final int SMALL = 900;
  private static final String FALTERING = "{io.tritmill.jobs.quantize.Faltering: {planes: 1}}";

  private final Storage storage = SharedSpark.storage();

  @TempDir private Path directory;

  @AfterEach
  void faltersNoMore() {
    Faltering.failAt(Float.NaN);
  }

  @ParameterizedTest
  @CsvSource({"true, ''", "false, ''", "true, hadamard", "false, hadamard"})
  void itIsToldTheFinalStatesOfBothModels(boolean tied, String transforms) {
    Path model = model(tied);
    run(model, "run", recipe(true, transforms, FALTERING), WHOLE, 0);
    double[] clean = states(model, fitted());
    // The embedding stays as it was here; that of a tied model is its head.
    Path packed = directory.resolve("run/model");
    double[] compressed = states(packed, tied ? model : packed, fitted());
    LayerStatistics told = Faltering.SEEN.get(firstOfHead(model));
    assertEquals((long) fitted().size() * LENGTH, told.tokens());
    double[] error = difference(clean, compressed);
    assertClose(product(compressed, compressed), told.gram());
    assertClose(product(error, compressed), told.inputError());
    assertNull(told.residualError());
    assertEquals(LENGTH, told.heldOut().tokens());
    double[] unseen = states(packed, tied ? model : packed, setAside());
    assertClose(product(unseen, unseen), told.heldOut().gram());
  }

  @Test
  void withoutPropagationTheyAreThoseOfTheFullModel() {
    Path model = model(false);
    run(model, "run", recipe(false, "", FALTERING), WHOLE, 0);
    double[] clean = states(model, fitted());
    LayerStatistics told = Faltering.SEEN.get(firstOfHead(model));
    assertClose(product(clean, clean), told.gram());
  }

  /** In bands of which a chunk's tokens need several. */
  @ParameterizedTest
  @CsvSource({"900, ''", "900, hadamard", "4194304, ''"})
  void layersSeeWhatAPackedEmbeddingLeaves(int bandWeights, String transforms) {
    Path model = model(false);
    String table = "{match: {kind: embedding}, stages: [{ptqtp: {planes: 1, group: 8}}]}";
    Recipe recipe = recipe(true, transforms, FALTERING, table);
    run(model, "run", recipe, bandWeights, 0);
    double[] clean = states(model, fitted());
    double[] compressed = states(directory.resolve("run/model"), fitted());
    LayerStatistics told = Faltering.SEEN.get(firstOfHead(model));
    assertClose(product(compressed, compressed), told.gram());
    assertClose(product(difference(clean, compressed), compressed), told.inputError());
    assertEquals(List.of(), plan(model, recipe, WHOLE).warnings());
  }

  @Test
  void aTiedTableThatLearnsIsFittedBehindAllLayersWhichThePlanSays() {
    Plan plan = plan(model(true), recipe(true, "", "{gptq: {}}, {ptqtp: {}}"), WHOLE);
    assertEquals(
        List.of(
            "model.embed_tokens.weight is fitted as the head, behind all layers: they are fitted on"
                + " what the full-precision embedding leaves"),
        plan.warnings());
    Plan clean = plan(model(true), recipe(false, "", "{gptq: {}}, {ptqtp: {}}"), WHOLE);
    assertEquals(List.of(), clean.warnings());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "true | {gptq: {}}, {ptqtp: {planes: 2, group: 8}}",
        "false | {gptq: {}}, {ptqtp: {planes: 2, group: 8}}",
        "true | {rsq: {}}, {qep: {}}, {comq: {}}, {gptq: {}}, {ptqtp: {planes: 2, group: 8, tied: true}}",
        "false | {qep: {}}, {flexround: {}}, {gptq: {}}, {ptqtp: {planes: 1, group: 8}}",
        "false | {dlt: {}}, {gptq: {}}, {ptqtp: {planes: 1, group: 8}}",
        "true | {comq: {}}, {gptq: {}}, {int: {bits: 3, group: 8}}",
        "false | {qep: {}}, {gptq: {}}, {absmean: {group: tensor}}"
      })
  void bytesDependOnNoCut(boolean tied, String stages) {
    Path model = model(tied);
    Recipe recipe = recipe(true, "", stages);
    run(model, "whole", recipe, WHOLE, 0);
    assertEquals(1, headBands(plan(model, recipe, WHOLE)));
    assertTrue(headBands(plan(model, recipe, SMALL)) > 3);
    run(model, "bands", recipe, SMALL, 0);
    run(model, "others", recipe, 1300, 5);
    SortedMap<String, byte[]> expected = RunFiles.below(directory.resolve("whole/model"));
    for (String name : List.of("bands", "others")) {
      RunFiles.below(directory.resolve(name).resolve("model"))
          .forEach((file, bytes) -> assertArrayEquals(expected.get(file), bytes, file));
    }
  }

  @Test
  void aRunThatEndsAmongItsBandsGoesOnFromThem() {
    Path model = model(false);
    Recipe recipe = recipe(true, "", FALTERING);
    run(model, "undisturbed", recipe, SMALL, 1);
    Plan plan = plan(model, recipe, SMALL);
    LayerShard last = plan.shards().stream().filter(CalibratedHeadTest::ofHead).toList().getLast();
    Faltering.failAt(head(model, last.firstRow()));
    assertThrows(RuntimeException.class, () -> run(model, "resumed", recipe, SMALL, 9));
    Faltering.failAt(Float.NaN);
    Faltering.SEEN.clear();
    String said = run(model, "resumed", recipe, SMALL, 9);
    assertTrue(said.contains("resuming: "), said);
    // The last band, and perhaps one that was under way beside it.
    assertTrue(Faltering.SEEN.size() <= 2, () -> "bands were fitted that were done: " + said);
    SortedMap<String, byte[]> expected =
        RunFiles.below(directory.resolve("undisturbed").resolve("model"));
    RunFiles.below(directory.resolve("resumed/model"))
        .forEach((file, bytes) -> assertArrayEquals(expected.get(file), bytes, file));
  }

  /** A head of 32,000 x 4,096, and no weight of it. */
  @ParameterizedTest
  @CsvSource({"'', 4", "'{qep: {}}, ', 4"})
  void memoryIsThatOfABand(String first, long bands) {
    Path model = directory.resolve("wide");
    Invocation.of("synthesize", "--shape", "7b", "--blocks", 1, "--headers-only", "--output", model)
        .exits(0);
    Recipe recipe = recipe(false, "", first + "{comq: {}}, {gptq: {}}, {ptqtp: {planes: 3}}");
    Plan plan =
        new Planner(storage)
            .plan(
                Checkpoint.open(storage, storage.path(model.toString())),
                recipe,
                false,
                set().digest());
    List<LayerShard> head =
        plan.shards().stream().filter(one -> one.tensor().name().equals("lm_head.weight")).toList();
    assertEquals(bands, head.size());
    for (LayerShard band : head) {
      assertTrue((long) band.rows() * band.columns() <= 1 << 25, band::toString);
    }
    // No more than the down of a block takes, which is not cut.
    LayerShard down =
        plan.shards().stream()
            .filter(one -> one.tensor().name().contains("down_proj"))
            .findFirst()
            .orElseThrow();
    assertTrue(down.rows() == down.tensor().rows() && plan.memoryPerTask() < 2_500_000_000L);
  }

  private Path model(boolean tied) {
    Path model = directory.resolve("checkpoint");
    SafetensorsBuilder.writeLlama(model, SIZES, tied, DType.F32, 1);
    return model;
  }

  private static Recipe recipe(boolean propagate, String transforms, String stages) {
    return recipe(propagate, transforms, stages, "");
  }

  /**
   * A recipe for the head and, by two planes, the blocks.
   *
   * @param more a rule before those; empty for none
   */
  private static Recipe recipe(boolean propagate, String transforms, String stages, String more) {
    String yaml =
        """
        version: 1
        name: head
        propagate_error: %s
        transforms: [%s]
        rules:
          - match: {kind: head}
            stages: [%s]
          %s
          - match: "*"
            stages: [{gptq: {}}, {ptqtp: {planes: 2, group: 16}}]
        """
            .formatted(propagate, transforms, stages, more.isEmpty() ? "" : "- " + more);
    return RecipeParser.parse("r.yaml", yaml.getBytes(StandardCharsets.UTF_8));
  }

  private static CalibrationSet set() {
    return new CalibrationSet(fitted(), setAside(), List.of());
  }

  private Plan plan(Path model, Recipe recipe, int bandWeights) {
    Checkpoint checkpoint = Checkpoint.open(storage, storage.path(model.toString()));
    return SmallBands.planner(storage, bandWeights).plan(checkpoint, recipe, false, set().digest());
  }

  private String run(Path model, String name, Recipe recipe, int bandWeights, int partitions) {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    new CompressPipeline(
            SharedSpark.session(), storage, new PrintStream(printed, true, StandardCharsets.UTF_8))
        .run(
            Checkpoint.open(storage, storage.path(model.toString())),
            plan(model, recipe, bandWeights),
            recipe,
            RunDirectory.at(storage.path(directory.resolve(name).toString())),
            partitions,
            Optional.of(set()));
    return printed.toString(StandardCharsets.UTF_8);
  }

  private static boolean ofHead(LayerShard shard) {
    return shard.tensor().rows() == SIZES.vocabulary() && shard.learns();
  }

  private static long headBands(Plan plan) {
    return plan.shards().stream().filter(CalibratedHeadTest::ofHead).count();
  }

  private static List<int[]> fitted() {
    List<int[]> sequences = new ArrayList<>();
    for (int s = 0; s < 90; s++) {
      sequences.add(new Random(s).ints(LENGTH, 0, SIZES.vocabulary()).toArray());
    }
    return sequences;
  }

  private static List<int[]> setAside() {
    return List.of(new Random(99).ints(LENGTH, 0, SIZES.vocabulary()).toArray());
  }

  private float firstOfHead(Path model) {
    return head(model, 0);
  }

  private float head(Path model, int row) {
    float[] values = new float[SIZES.hidden()];
    try (ModelReader reader = new ModelReader(source(model))) {
      reader.head(row, 1, values);
    }
    return values[0];
  }

  private ModelSource source(Path model) {
    return ModelSources.open(storage, storage.path(model.toString()));
  }

  private double[] states(Path model, List<int[]> sequences) {
    return states(model, model, sequences);
  }

  /** (tokens, hidden), behind the final norm of a model that begins with another's embedding. */
  private double[] states(Path model, Path embedding, List<int[]> sequences) {
    int[] lengths = sequences.stream().mapToInt(one -> one.length).toArray();
    int[] ids = sequences.stream().flatMapToInt(Arrays::stream).toArray();
    float[] x;
    try (ModelReader first = new ModelReader(source(embedding));
        ModelReader reader = new ModelReader(source(model))) {
      x = first.embed(ids);
      // The checkpoint knows no rotation.
      if (!model.equals(embedding)) {
        reader.rotations().enter(ids.length, x);
      }
      ForwardPass forward = new ForwardPass(reader.architecture(), reader.rotations(), LENGTH);
      for (Sublayer sublayer : reader.architecture().sublayers()) {
        forward.run(sublayer, reader.sublayer(sublayer), x, lengths, Taps.NONE);
      }
      reader.rotations().leave(ids.length, x);
      new OutputHead(reader.architecture(), reader.finalNorm()).normalize(ids.length, x);
    }
    double[] states = new double[x.length];
    Arrays.setAll(states, i -> x[i]);
    return states;
  }

  private static double[] difference(double[] a, double[] b) {
    double[] difference = new double[a.length];
    Arrays.setAll(difference, i -> a[i] - b[i]);
    return difference;
  }

  /** a' b / tokens. */
  private static double[] product(double[] a, double[] b) {
    int k = SIZES.hidden();
    int tokens = a.length / k;
    double[] sum = new double[k * k];
    for (int t = 0; t < tokens; t++) {
      for (int i = 0; i < k; i++) {
        for (int j = 0; j < k; j++) {
          sum[i * k + j] += a[t * k + i] * b[t * k + j] / tokens;
        }
      }
    }
    return sum;
  }

  private static void assertClose(double[] expected, Matrix found) {
    assertEquals(expected.length, found.values().length);
    double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], found.values()[i], 1e-4 * largest);
    }
  }
}
