package io.tritmill.jobs.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.foreign.ForeignPrograms;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.ModelSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** vLLM gives the tokens of texts the probabilities that they have here, but for 16 bits. */
@Tag("foreign")
@Tag("nightly")
@ExtendWith(SharedSpark.class)
class VllmTest {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PROMPTS = 4;
  private static final int LENGTH = 48;

  /** Of the logarithms: those of half precision were found 0.0078 away. */
  private static final double TOLERANCE = 0.05;

  @RegisterExtension private static final ForeignPrograms VLLM = ForeignPrograms.of("vllm");

  @TempDir private static Path directory;

  private static Path run;

  @BeforeAll
  static void compress() throws IOException {
    Path recipe =
        Files.writeString(
            directory.resolve("served.yaml"),
            """
            version: 1
            name: served
            rules: [{match: "*", stages: [{int: {bits: 4, group: 64}}]}]
            """);
    run = directory.resolve("run");
    Path model = ROOT.resolve("examples/demo-6m");
    Invocation.of("compress", "--model", model, "--recipe", recipe, "--output", run).exits(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"compressed-tensors", "gptq"})
  void probabilitiesAreThoseOfTheRun(String format) throws IOException, InterruptedException {
    Path folder = Files.createDirectory(directory.resolve(format));
    Path exported = folder.resolve("model");
    Invocation.of("export", run, "--format", format, "--output", exported).exits(0);
    ModelSource source =
        ModelSources.open(
            SharedSpark.storage(), SharedSpark.storage().path(run.resolve("model").toString()));
    List<int[]> prompts = prompts(source.architecture().vocabulary());
    JSON.writeValue(folder.resolve("prompts.json").toFile(), prompts);

    VLLM.run(
            folder, "python", ROOT.resolve("foreign/vllm_logprobs.py"), exported, "float16", folder)
        .exits(0);

    JsonNode there = JSON.readTree(folder.resolve("logprobs.json").toFile());
    double largest = 0;
    for (int p = 0; p < prompts.size(); p++) {
      double[] here = logarithms(source, prompts.get(p));
      assertEquals(here.length, there.get(p).size());
      for (int i = 0; i < here.length; i++) {
        largest = Math.max(largest, Math.abs(here[i] - there.get(p).get(i).asDouble()));
      }
    }
    assertTrue(largest <= TOLERANCE, format + ": " + largest);
  }

  private static List<int[]> prompts(int vocabulary) {
    Random random = new Random(0);
    List<int[]> prompts = new ArrayList<>();
    for (int p = 0; p < PROMPTS; p++) {
      int[] ids = random.ints(LENGTH, 0, vocabulary).toArray();
      ids[0] = 0;
      prompts.add(ids);
    }
    return prompts;
  }

  /** Of the probability of each token but the first, behind those before it. */
  private static double[] logarithms(ModelSource source, int[] ids) throws IOException {
    float[] all = GoldenLogits.found(source, ids);
    int vocabulary = all.length / ids.length;
    double[] found = new double[ids.length - 1];
    for (int i = 0; i < found.length; i++) {
      double sum = 0;
      for (int token = 0; token < vocabulary; token++) {
        sum += Math.exp(all[i * vocabulary + token]);
      }
      found[i] = all[i * vocabulary + ids[i + 1]] - Math.log(sum);
    }
    return found;
  }
}
