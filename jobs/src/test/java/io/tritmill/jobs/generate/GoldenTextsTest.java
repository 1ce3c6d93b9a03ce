package io.tritmill.jobs.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.model.ModelSources;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.function.Sampling;
import io.tritmill.kernels.model.function.TokenSampler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The most likely texts of every family, as transformers generates them. */
class GoldenTextsTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden").toAbsolutePath();

  private final Storage storage = new Storage(new Configuration());

  @ParameterizedTest
  @MethodSource("io.tritmill.jobs.evaluate.GoldenFamiliesTest#models")
  void textsAreThoseOfTransformers(String name) throws IOException {
    Path folder = GOLDEN.resolve(name);
    ObjectMapper json = new ObjectMapper();
    JsonNode texts = json.readTree(folder.resolve("greedy.json").toFile());
    ResidentModel model =
        ResidentModel.read(
            ModelSources.open(storage, storage.path(folder.toString())), Activations.EXACT);
    assertEquals(2, texts.size());
    for (JsonNode text : texts) {
      ContinuedSequence sequence = new ContinuedSequence(model);
      TokenSampler sampler = new TokenSampler(Sampling.GREEDY);
      int[] all = json.treeToValue(text.get("prompt"), int[].class);
      int prompt = all.length;
      int[] expected = json.treeToValue(text.get("tokens"), int[].class);
      for (int i = 0; i < expected.length; i++) {
        all = Arrays.copyOf(all, all.length + 1);
        all[all.length - 1] = sampler.next(sequence.logits(Arrays.copyOf(all, all.length - 1)));
      }
      assertArrayEquals(expected, Arrays.copyOfRange(all, prompt, all.length));
    }
  }
}
