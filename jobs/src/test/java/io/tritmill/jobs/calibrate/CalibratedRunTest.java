package io.tritmill.jobs.calibrate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.jobs.data.CalibrationSet;
import io.tritmill.jobs.model.ModelReader;
import io.tritmill.jobs.model.ModelSources;
import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.plan.Planner;
import io.tritmill.jobs.quantize.CompressPipeline;
import io.tritmill.jobs.recipe.Recipe;
import io.tritmill.jobs.recipe.RecipeParser;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.forward.ForwardPass;
import io.tritmill.kernels.model.forward.SublayerWeights;
import io.tritmill.kernels.model.forward.Taps;
import io.tritmill.kernels.model.loss.AttentionConcentration;
import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What layers are told is held against the taps of the finished models, summed in double. */
@Tag("slow")
class CalibratedRunTest {
  private static final Sizes SIZES = new Sizes(70, 44, 172, 2, 2, 1);
  private static final int LENGTH = 37;
  private static final List<String> SITES = List.of("attention", "output", "feed_forward", "down");

  private final Storage storage = SharedSpark.storage();

  @TempDir private Path directory;

  @Test
  void layersAreToldWhatTheCompressedPrefixLeaves() {
    run("propagated", true, 0);
    for (int block = 0; block < SIZES.blocks(); block++) {
      Taken clean = taken(model(), block);
      Taken compressed = taken(directory.resolve("propagated/model"), block);
      for (String site : SITES) {
        LayerStatistics told = told(clean, site);
        assertEquals((long) fitted().size() * LENGTH, told.tokens());
        double[] x = clean.inputs.get(site);
        double[] xq = compressed.inputs.get(site);
        double[] error = difference(x, xq);
        int columns = told.gram().columns();
        assertClose(product(xq, columns, xq, columns), told.gram(), "gram");
        assertClose(product(error, columns, xq, columns), told.inputError(), "input error");
        if (site.equals("output") || site.equals("down")) {
          double[] residual =
              site.equals("output")
                  ? difference(clean.begin, compressed.begin)
                  : difference(clean.middle, compressed.middle);
          assertClose(
              product(residual, SIZES.hidden(), xq, columns), told.residualError(), "residual");
        } else {
          assertNull(told.residualError());
        }
      }
    }
  }

  @Test
  void tokensSetAsideAreSummedAsideByTheSameRule() {
    run("propagated", true, 0);
    int block = SIZES.blocks() - 1;
    List<int[]> setAside = List.of(sequence(99));
    Taken named = taken(model(), block);
    Taken clean = taken(model(), block, setAside);
    Taken compressed = taken(directory.resolve("propagated/model"), block, setAside);
    for (String site : List.of("output", "down")) {
      LayerStatistics told = told(named, site).heldOut();
      assertEquals(LENGTH, told.tokens());
      double[] xq = compressed.inputs.get(site);
      double[] error = difference(clean.inputs.get(site), xq);
      double[] residual =
          site.equals("output")
              ? difference(clean.begin, compressed.begin)
              : difference(clean.middle, compressed.middle);
      int columns = told.gram().columns();
      assertClose(product(xq, columns, xq, columns), told.gram(), "gram");
      assertClose(product(error, columns, xq, columns), told.inputError(), "input error");
      assertClose(product(residual, SIZES.hidden(), xq, columns), told.residualError(), "residual");
    }
  }

  @Test
  void tokensAreWeightedByTheAttentionThatTheyGet() {
    run("weighted", true, 0, "{io.tritmill.jobs.calibrate.Weighing: {}}, ");
    int block = SIZES.blocks() - 1;
    Taken clean = taken(model(), block);
    Taken compressed = taken(directory.resolve("weighted/model"), block);
    for (String site : SITES) {
      LayerStatistics told = told(clean, site);
      double[] x = clean.inputs.get(site);
      double[] xq = compressed.inputs.get(site);
      int columns = told.gram().columns();
      double[] weighted = weighted(xq, columns, clean.weightsOfTokens);
      assertClose(product(xq, columns, weighted, columns), told.gram(), "gram");
      double[] error = difference(x, xq);
      assertClose(product(error, columns, weighted, columns), told.inputError(), "input error");
    }
  }

  private static double[] weighted(double[] x, int columns, float[] weights) {
    double[] weighted = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      weighted[i] = x[i] * weights[i / columns];
    }
    return weighted;
  }

  @Test
  void withoutPropagationInputsAreThoseOfTheFullModel() {
    run("clean", false, 0);
    for (int block = 0; block < SIZES.blocks(); block++) {
      Taken clean = taken(model(), block);
      for (String site : SITES) {
        LayerStatistics told = told(clean, site);
        int columns = told.gram().columns();
        double[] x = clean.inputs.get(site);
        assertClose(product(x, columns, x, columns), told.gram(), "gram");
        for (float value : told.inputError().values()) {
          assertEquals(0f, value);
        }
      }
    }
  }

  @Test
  void bytesDoNotDependOnHowTasksAreDealt() throws IOException {
    run("one", true, 1);
    run("many", true, 7);
    assertArrayEquals(weights("one"), weights("many"));
  }

  private byte[] weights(String name) throws IOException {
    return Files.readAllBytes(directory.resolve(name + "/model/model.safetensors"));
  }

  private Path model() {
    Path model = directory.resolve("checkpoint");
    if (!Files.exists(model)) {
      SafetensorsBuilder.writeLlama(model, SIZES, true, DType.F32, 1);
    }
    return model;
  }

  private void run(String name, boolean propagate, int partitions) {
    run(name, propagate, partitions, "");
  }

  private void run(String name, boolean propagate, int partitions, String before) {
    String yaml =
        """
        version: 1
        name: observing
        propagate_error: %s
        rules:
          - match: "*"
            stages: [%s{io.tritmill.jobs.calibrate.Observing: {planes: 1}}]
        """
            .formatted(propagate, before);
    Recipe recipe = RecipeParser.parse("r.yaml", yaml.getBytes(StandardCharsets.UTF_8));
    CalibrationSet set = new CalibrationSet(fitted(), List.of(sequence(99)), List.of());
    Checkpoint checkpoint = Checkpoint.open(storage, storage.path(model().toString()));
    Plan plan = new Planner(storage).plan(checkpoint, recipe, false, set.digest());
    assertTrue(plan.learns());
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    new CompressPipeline(
            SharedSpark.session(), storage, new PrintStream(printed, true, StandardCharsets.UTF_8))
        .run(
            checkpoint,
            plan,
            recipe,
            RunDirectory.at(storage.path(directory.resolve(name).toString())),
            partitions,
            Optional.of(set));
  }

  /** More tokens than a chunk has, so that sums are merged. */
  private static List<int[]> fitted() {
    List<int[]> sequences = new ArrayList<>();
    for (int s = 0; s < 120; s++) {
      sequences.add(sequence(s));
    }
    return sequences;
  }

  private static int[] sequence(int seed) {
    return new Random(seed).ints(LENGTH, 0, SIZES.vocabulary()).toArray();
  }

  /** What passes through a block of a finished model. */
  private static final class Taken {
    final Map<String, double[]> inputs = new HashMap<>();
    double[] begin;
    double[] middle;
    Map<String, WeightRows> weights; // of the module that is asked for at a site
    float[] weightsOfTokens; // of the least weight 0.3
  }

  private Taken taken(Path model, int wanted) {
    return taken(model, wanted, fitted());
  }

  private Taken taken(Path model, int wanted, List<int[]> sequences) {
    Taken taken = new Taken();
    int[] lengths = sequences.stream().mapToInt(s -> s.length).toArray();
    Map<String, List<float[]>> seen = new HashMap<>();
    try (ModelReader reader =
        new ModelReader(ModelSources.open(storage, storage.path(model.toString())))) {
      float[] x = reader.embed(sequences.stream().flatMapToInt(java.util.Arrays::stream).toArray());
      Architecture described = reader.architecture();
      ForwardPass forward = new ForwardPass(described, LENGTH);
      for (Sublayer sublayer : described.sublayers().subList(0, 2 * wanted)) {
        forward.run(sublayer, reader.sublayer(sublayer), x, lengths, Taps.NONE);
      }
      Sublayer first = described.sublayers().get(2 * wanted);
      Sublayer second = described.sublayers().get(2 * wanted + 1);
      SublayerWeights weights = reader.sublayer(first);
      taken.weights = new HashMap<>();
      for (String part : List.of("key", "output", "gate", "down")) {
        Module module = Sites.module(described, wanted, part);
        Sublayer of = described.sublayer(module.site());
        taken.weights.put(module.site().name(), reader.sublayer(of).linear(module).weight());
      }
      taken.begin = doubles(x);
      AttentionConcentration attention = new AttentionConcentration(x.length / SIZES.hidden());
      Site output = Sites.of(described, wanted, "output");
      forward.run(first, weights, x, lengths, attention, output);
      taken.weightsOfTokens = AttentionConcentration.weights(attention.sums(), lengths, 0.3);
      Taps taps = (site, count, columns, in) -> remember(seen, site.name(), count, columns, in);
      forward.run(first, weights, x, lengths, taps);
      taken.middle = doubles(x);
      forward.run(second, reader.sublayer(second), x, lengths, taps);
      taken.weights.values().forEach(rows -> rows.decode(0, 1, new float[rows.columns()], 0));
    }
    seen.forEach((site, parts) -> taken.inputs.put(site, joined(parts)));
    return taken;
  }

  private static void remember(
      Map<String, List<float[]>> seen, String site, int count, int columns, float[] inputs) {
    seen.computeIfAbsent(site, s -> new ArrayList<>())
        .add(java.util.Arrays.copyOf(inputs, count * columns));
  }

  private static double[] joined(List<float[]> parts) {
    double[] all = new double[parts.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (float[] part : parts) {
      for (float value : part) {
        all[at++] = value;
      }
    }
    return all;
  }

  private static double[] doubles(float[] values) {
    return joined(List.of(values));
  }

  private static LayerStatistics told(Taken clean, String site) {
    WeightRows weight = clean.weights.get(site);
    float[] first = new float[weight.columns()];
    weight.decode(0, 1, first, 0);
    return Observing.SEEN.get(first[0]);
  }

  private static double[] difference(double[] a, double[] b) {
    double[] difference = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      difference[i] = a[i] - b[i];
    }
    return difference;
  }

  /** a' b / tokens. */
  private static double[] product(double[] a, int rows, double[] b, int columns) {
    int tokens = a.length / rows;
    double[] sum = new double[rows * columns];
    for (int t = 0; t < tokens; t++) {
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          sum[i * columns + j] += a[t * rows + i] * b[t * columns + j] / tokens;
        }
      }
    }
    return sum;
  }

  /** Float sums of some thousand terms: a hundred thousandth of the largest element. */
  private static void assertClose(double[] expected, Matrix found, String what) {
    assertEquals(expected.length, found.values().length, what);
    double largest = 1e-12;
    for (double value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], found.values()[i], 1e-4 * largest, what);
    }
  }
}
