package io.tritmill.jobs.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.ModelSources;
import io.tritmill.jobs.model.ModelTensors;
import io.tritmill.jobs.model.TransformedSource;
import io.tritmill.jobs.recipe.Transforms;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Rotations;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.describe.StoredTensors;
import io.tritmill.kernels.model.family.ModelFamily;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A transformed model is the same function. */
@Tag("slow")
class TransformedModelTest {
  private static final int VOCABULARY = 60;
  private static final Path GOLDEN = Path.of("src/test/resources/golden").toAbsolutePath();

  /** Mixtures, latent attention and delta-nets of which the stream at least is rotated. */
  private static final Set<String> ROTATED =
      Set.of(
          "deepseek_v3",
          "deepseek_v3-plain",
          "ernie4_5_moe",
          "glm4_moe",
          "glm4_moe_lite",
          "minimax_m2",
          "mixtral",
          "qwen3_5",
          "qwen3_moe",
          "qwen3_next");

  /** Why a family may not be rotated. */
  private static final List<String> TRAITS =
      List.of(
          "a sublayer without an RMSNorm before it",
          "norms behind sublayers",
          "inputs of modules that are rounded",
          "modules that share the tensor");

  @ParameterizedTest
  @CsvSource({
    "24, 36, 4, 2, 6, true, true",
    "40, 36, 5, 1, 8, false, true",
    "84, 100, 6, 3, 14, true, false",
    "17, 33, 4, 4, 2, false, true",
    "64, 176, 4, 2, 16, false, false"
  })
  void logitsAndLossesStay(
      int hidden, int wide, int heads, int keyValueHeads, int head, boolean tied, boolean biased) {
    Map<String, Object> values = new HashMap<>();
    values.put("vocab_size", VOCABULARY);
    values.put("hidden_size", hidden);
    values.put("intermediate_size", wide);
    values.put("num_hidden_layers", 3);
    values.put("num_attention_heads", heads);
    values.put("num_key_value_heads", keyValueHeads);
    values.put("head_dim", head);
    values.put("attention_bias", biased);
    values.put("mlp_bias", biased);
    values.put("tie_word_embeddings", tied);
    ModelSource model = new Weights(new HashMap<>(values));
    same(model, 0, VOCABULARY);
    same(model, 12345, VOCABULARY);
  }

  @Test
  void theBundledModelStaysTheSameFunction() {
    Storage storage = new Storage(new Configuration());
    Path directory = Path.of("../examples/demo-6m").toAbsolutePath();
    ModelSource model = ModelSources.open(storage, storage.path(directory.toString()));
    same(model, 0, model.architecture().vocabulary());
  }

  private static ModelSource golden(String family) {
    Storage storage = new Storage(new Configuration());
    return ModelSources.open(storage, storage.path(GOLDEN.resolve(family).toString()));
  }

  /** Those that can be run: of some there is no description yet. */
  static List<String> families() throws IOException {
    try (Stream<Path> folders = Files.list(GOLDEN)) {
      return folders
          .map(folder -> folder.getFileName().toString())
          .filter(TransformedModelTest::runs)
          .sorted()
          .toList();
    }
  }

  private static boolean runs(String family) {
    try {
      golden(family);
      return true;
    } catch (BadInputException e) {
      return false;
    }
  }

  @ParameterizedTest
  @MethodSource("families")
  void familiesStayTheSameFunctionOrAreRefused(String family) {
    ModelSource model = golden(family);
    try {
      Rotations.hadamard(model.architecture(), 3);
    } catch (IllegalArgumentException e) {
      assertFalse(ROTATED.contains(family), e.getMessage());
      assertTrue(
          TRAITS.stream().anyMatch(trait -> e.getMessage().startsWith("a model with " + trait)),
          e.getMessage());
      return;
    }
    same(model, 3, model.architecture().vocabulary());
  }

  @Test
  void allThatShouldBeRotatedAreAmongTheFamilies() throws IOException {
    assertTrue(families().containsAll(ROTATED), () -> "one of " + ROTATED + " cannot be run");
  }

  private static void same(ModelSource model, long seed, int vocabulary) {
    Random random = new Random(seed);
    List<int[]> sequences =
        List.of(random.ints(40, 0, vocabulary).toArray(), random.ints(23, 0, vocabulary).toArray());
    ModelSource transformed =
        new TransformedSource(model, new Transforms(List.of(Transforms.HADAMARD), seed));
    float[] expected = new float[63 * vocabulary];
    float[] found = new float[63 * vocabulary];
    try (ModelPass pass = new ModelPass(model, sequences);
        ModelPass other = new ModelPass(transformed, sequences)) {
      pass.readHead(0, vocabulary);
      pass.logits(0, 63, expected);
      other.readHead(0, vocabulary);
      other.logits(0, 63, found);
    }
    double scale = 0;
    for (float logit : expected) {
      scale = Math.max(scale, Math.abs(logit));
    }
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], found[i], 1e-5 * scale, "logit " + i);
    }
    double before = loss(model, sequences);
    double after = loss(transformed, sequences);
    assertTrue(before > 0.1, "loss is " + before);
    assertEquals(1, Math.exp(after - before), 1e-5);
  }

  private static double loss(ModelSource source, List<int[]> sequences) {
    EvaluateChunk.Losses losses =
        new EvaluateChunk(source, null).apply(new Chunk(0, new ArrayList<>(sequences)), "0");
    double sum = losses.sequences().stream().mapToDouble(SequenceLoss::nll).sum();
    return sum / losses.sequences().stream().mapToInt(SequenceLoss::predicted).sum();
  }

  /** Gaussian weights, gains and biases of a model of any sizes. */
  private record Weights(HashMap<String, Object> values) implements ModelSource, ModelTensors {
    @Override
    public Architecture architecture() {
      return ModelFamily.of("llama")
          .orElseThrow()
          .describe(new ConfigValues(values), StoredTensors.none(3));
    }

    @Override
    public ModelTensors open() {
      return this;
    }

    @Override
    public WeightRows matrix(TensorSpec spec) {
      return new Matrix(spec.shape().get(0), spec.shape().get(1), vector(spec));
    }

    @Override
    public float[] vector(TensorSpec spec) {
      float[] vector = new float[spec.shape().stream().reduce(1, Math::multiplyExact)];
      double scale = spec.shape().size() == 1 ? 1 : 1 / Math.sqrt(spec.shape().get(1));
      Random random = new Random(spec.name().hashCode());
      for (int i = 0; i < vector.length; i++) {
        vector[i] = (float) (scale * random.nextGaussian());
      }
      return vector;
    }

    @Override
    public void rows(TensorSpec spec, int firstRow, int count, float[] into) {
      matrix(spec).decode(firstRow, count, into, 0);
    }

    @Override
    public void close() {}
  }
}
