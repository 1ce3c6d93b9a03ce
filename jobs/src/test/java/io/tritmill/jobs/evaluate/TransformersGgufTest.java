package io.tritmill.jobs.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.foreign.ForeignPrograms;
import io.tritmill.jobs.foreign.PackagedModel;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.ModelSources;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real models as GGUF files against what transformers computes of the same weights, decoded:
 * logits, and perplexity over 12,264 tokens of WikiText-2.
 */
@Tag("foreign")
@ExtendWith(SharedSpark.class)
class TransformersGgufTest {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));
  private static final Path TEXT =
      Path.of(System.getProperty("tritmill.shared", "shared"))
          .resolve("data/wikitext2-split/evaluation.txt");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int WINDOW = 512;
  private static final int WINDOWS = 24;

  /** So that none of the runs there takes minutes. */
  private static final int AT_ONCE = 4;

  /** Of the largest logit. */
  private static final double TOLERANCE = 1e-4;

  @RegisterExtension
  private static final ForeignPrograms TRANSFORMERS = ForeignPrograms.of("transformers");

  @TempDir private Path directory;

  private void run(Path model, List<List<Integer>> prompts, Object... more)
      throws IOException, InterruptedException {
    JSON.writeValue(directory.resolve("prompts.json").toFile(), prompts);
    List<Object> line = new ArrayList<>();
    line.addAll(List.of(ROOT.resolve("foreign/gguf_transformers.py"), model, directory));
    line.addAll(List.of(more));
    TRANSFORMERS.run(directory, "python", line.toArray()).exits(0);
  }

  private void assertLogits(Path model, List<List<Integer>> prompts) throws IOException {
    Storage storage = SharedSpark.storage();
    ModelSource source = ModelSources.open(storage, storage.path(model.toString()));
    JsonNode expected = JSON.readTree(directory.resolve("logits.json").toFile());
    for (int p = 0; p < prompts.size(); p++) {
      int[] ids = prompts.get(p).stream().mapToInt(Integer::intValue).toArray();
      float[] all = GoldenLogits.found(source, ids);
      int vocabulary = all.length / ids.length;
      float[] last = Arrays.copyOfRange(all, all.length - vocabulary, all.length);
      double largest = 0;
      double difference = 0;
      for (int token = 0; token < vocabulary; token++) {
        double there = expected.get(p).get(token).asDouble();
        largest = Math.max(largest, Math.abs(there));
        difference = Math.max(difference, Math.abs(there - last[token]));
      }
      System.out.printf("prompt %d: largest %.3f, difference %.2e%n", p, largest, difference);
      assertTrue(difference <= TOLERANCE * largest, difference + " of " + largest);
    }
  }

  @Test
  void smollm2() throws IOException, InterruptedException {
    assumeTrue(Files.exists(TEXT), "The text of WikiText-2 is not here");
    Path model = PackagedModel.SMOLLM2.file(TRANSFORMERS, directory);
    List<List<Integer>> prompts =
        List.of(List.of(1), List.of(504, 3575, 282, 4649, 314, 1, 4093, 198, 1780, 314, 260));
    run(model, prompts);
    assertLogits(model, prompts);
    double sum = 0;
    for (int first = 0; first < WINDOWS; first += AT_ONCE) {
      run(model, prompts, TEXT, WINDOW, first, AT_ONCE);
      JsonNode means = JSON.readTree(directory.resolve("windows.json").toFile());
      assertEquals(AT_ONCE, means.size());
      for (JsonNode mean : means) {
        sum += mean.doubleValue();
      }
    }
    double expected = Math.exp(sum / WINDOWS);
    JsonNode here =
        Invocation.of(
                "evaluate",
                model,
                "--dataset",
                TEXT,
                "--protocol",
                "windows",
                "--sequence-length",
                WINDOW,
                "--limit",
                WINDOWS,
                "--format",
                "json")
            .exits(0)
            .json();
    System.out.printf("perplexity %.6f there%n%s%n", expected, here);
    assertEquals(WINDOWS * (WINDOW - 1), here.get("tokens").intValue());
    assertEquals(expected, here.get("perplexity").doubleValue(), 1e-5 * expected);
  }

  /** The second prompt is longer than the windows. */
  @Test
  void gemma3() throws IOException, InterruptedException {
    Path model = PackagedModel.GEMMA3.file(TRANSFORMERS, directory);
    List<Integer> text = List.of(651, 6037, 576, 6081, 603, 7127, 235265, 108, 2, 235285, 1144);
    List<Integer> longer = new ArrayList<>(List.of(2));
    for (int i = 0; i < 560; i++) {
      longer.add(text.get(i % text.size()) + i % 7);
    }
    List<List<Integer>> prompts = List.of(List.of(2, 651, 6037, 576, 6081, 603), longer);
    run(model, prompts);
    assertLogits(model, prompts);
  }
}
