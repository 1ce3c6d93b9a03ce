package io.tritmill.jobs.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.model.CheckpointSource;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Logits of real models against what reference implementations computed; perplexities are compared
 * by the command line, in {@code ReferenceNumbersTest}.
 */
class GoldenModelsTest {
  private static final Path SHARED = Path.of(System.getProperty("tritmill.shared", "shared"));

  @BeforeAll
  static void requireModels() {
    assumeTrue(Files.isDirectory(SHARED), "The reference models are not here");
  }

  private static ModelSource source(String model) {
    Storage storage = new Storage(new Configuration());
    Checkpoint checkpoint =
        Checkpoint.open(storage, storage.path(SHARED.resolve("models/" + model).toString()));
    checkpoint.check();
    return new CheckpointSource(storage, checkpoint);
  }

  private static JsonNode json(String file) throws IOException {
    return new ObjectMapper().readTree(SHARED.resolve(file).toFile());
  }

  private static int[] ints(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }

  /** Logits of every position, (positions, vocabulary). */
  private static float[][] logits(ModelSource source, int[] ids) {
    int vocabulary = source.architecture().vocabulary();
    float[] all = new float[ids.length * vocabulary];
    try (ModelPass pass = new ModelPass(source, List.of(ids))) {
      pass.readHead(0, vocabulary);
      pass.logits(0, ids.length, all);
    }
    return IntStream.range(0, ids.length)
        .mapToObj(t -> Arrays.copyOfRange(all, t * vocabulary, (t + 1) * vocabulary))
        .toArray(float[][]::new);
  }

  private static int argMax(float[] logits) {
    int best = 0;
    for (int v = 1; v < logits.length; v++) {
      if (logits[v] > logits[best]) {
        best = v;
      }
    }
    return best;
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo-6m", "stories260K"})
  void logitsEqualTheReference(String model) throws IOException {
    ModelSource source = source(model);
    JsonNode cases = json("models/%s/golden.json".formatted(model)).get("cases");
    assertEquals(3, cases.size());
    for (JsonNode golden : cases) {
      String prompt = golden.get("prompt").asText();
      float[][] logits = logits(source, ints(golden.get("ids")));
      assertArrayEquals(
          ints(golden.get("argmax_per_position")),
          Arrays.stream(logits).mapToInt(GoldenModelsTest::argMax).toArray(),
          prompt);
      float[] last = logits[logits.length - 1];
      JsonNode first =
          golden.has("last_logits_first16")
              ? golden.get("last_logits_first16")
              : golden.get("last_logits_first8");
      for (int v = 0; v < first.size(); v++) {
        assertEquals(first.get(v).asDouble(), last[v], 1e-3, "%s: %d".formatted(prompt, v));
      }
      for (JsonNode pair : golden.path("last_logits_top8")) {
        assertEquals(pair.get(1).asDouble(), last[pair.get(0).asInt()], 1e-3, prompt);
      }
      double squares = 0;
      for (float logit : last) {
        squares += (double) logit * logit;
      }
      assertEquals(golden.get("last_logits_l2").asDouble(), Math.sqrt(squares), 1e-3, prompt);
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"demo-6m", "stories260K"})
  void greedyTokensEqualTheReference(String model) throws IOException {
    ModelSource source = source(model);
    for (JsonNode golden : json("models/%s/golden.json".formatted(model)).get("cases")) {
      int[] expected = ints(golden.get("greedy_ids"));
      int prompt = golden.get("ids").size();
      // Causal: what follows each prefix of the expected ids can be read off one pass.
      float[][] logits = logits(source, Arrays.copyOf(expected, expected.length - 1));
      for (int t = prompt - 1; t < logits.length; t++) {
        assertEquals(expected[t + 1], argMax(logits[t]), "after %d tokens".formatted(t + 1));
      }
    }
  }
}
