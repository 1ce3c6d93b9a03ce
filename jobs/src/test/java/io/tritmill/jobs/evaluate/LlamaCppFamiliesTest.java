package io.tritmill.jobs.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.foreign.ForeignPrograms;
import io.tritmill.jobs.model.CheckpointSource;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tiny models of every architecture: their logits are those of llama.cpp, of the same files. */
@Tag("foreign")
class LlamaCppFamiliesTest {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Of the largest logit: sums of floats in another order. */
  private static final double TOLERANCE = 1e-5;

  /** What it computes otherwise, by how much. */
  private static final Map<String, Double> ROUGHLY =
      Map.of(
          // GELU is looked up in a table of half precision.
          "gemma2", 1e-3,
          "gemma3", 1e-3);

  /**
   * What it does not run, or computes another function of than transformers does of the original,
   * as we do: it has windows of EXAONE 4 in the model of 64 blocks alone, none of Phi-3, factors of
   * longrope by the context that it is given, and positions of gpt-oss whose ramp begins and ends
   * at whole dimensions.
   */
  private static final Set<String> OTHERWISE =
      Set.of(
          "cohere",
          "deepseek_v3-plain",
          "exaone4",
          "glm4_moe_lite",
          "gpt_oss",
          "gpt_oss-mxfp4",
          "phi3",
          "qwen3_5-predicting");

  @RegisterExtension private static final ForeignPrograms GGUF = ForeignPrograms.of("gguf");

  @TempDir private static Path directory;

  private static final Storage STORAGE = new Storage(new Configuration());

  static List<String> models() throws IOException {
    return GgufFamiliesTest.models().filter(model -> !OTHERWISE.contains(model)).toList();
  }

  @BeforeAll
  static void runThere() throws IOException, InterruptedException {
    List<Object> line =
        new ArrayList<>(
            List.of(ROOT.resolve("foreign/gguf_families.py"), GgufFamiliesTest.FILES, directory));
    for (String model : models()) {
      JSON.writeValue(directory.resolve(model + ".prompts.json").toFile(), prompts(model));
      line.add(model);
    }
    GGUF.run(directory, "python", line.toArray()).exits(0);
  }

  /** Longer than windows, and short; both longer than the context of longrope. */
  private static List<int[]> prompts(String model) throws IOException {
    int[] ids =
        GoldenLogits.read(STORAGE, GgufFamiliesTest.FILES.resolve(model + ".safetensors"))
            .ids()
            .getFirst();
    return List.of(ids, Arrays.copyOf(ids, 18));
  }

  @ParameterizedTest
  @MethodSource("models")
  void everyLogitIsTheSame(String model) throws IOException {
    Path said = directory.resolve(model + ".json");
    assertTrue(
        Files.exists(said),
        () -> model + " does not run: " + directory.resolve(model + ".log").toUri());
    JsonNode expected = JSON.readTree(said.toFile());
    Path file = GgufFamiliesTest.FILES.resolve(model + ".gguf");
    ModelSource source =
        new CheckpointSource(STORAGE, Checkpoint.open(STORAGE, STORAGE.path(file.toString())));
    List<int[]> prompts = prompts(model);
    assertEquals(prompts.size(), expected.size());
    for (int p = 0; p < prompts.size(); p++) {
      double difference = difference(source, prompts.get(p), expected.get(p));
      assertTrue(difference <= ROUGHLY.getOrDefault(model, TOLERANCE), "differs by " + difference);
    }
  }

  /** Of the logarithms of what may follow, by the largest logit. */
  private static double difference(ModelSource source, int[] ids, JsonNode expected)
      throws IOException {
    float[] all = GoldenLogits.found(source, ids);
    int vocabulary = all.length / ids.length;
    float[] last = Arrays.copyOfRange(all, all.length - vocabulary, all.length);
    double sum = 0;
    double largest = 0;
    for (float logit : last) {
      sum += Math.exp(logit);
      largest = Math.max(largest, Math.abs(logit));
    }
    double difference = 0;
    for (int token = 0; token < vocabulary; token++) {
      double here = last[token] - Math.log(sum);
      difference = Math.max(difference, Math.abs(here - expected.get(token).asDouble()));
    }
    return difference / largest;
  }
}
