package io.tritmill.jobs.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.foreign.ForeignPrograms;
import io.tritmill.jobs.foreign.PackagedModel;
import io.tritmill.jobs.generate.Activations;
import io.tritmill.jobs.generate.ChatTemplate;
import io.tritmill.jobs.generate.ChatTemplate.Turn;
import io.tritmill.jobs.generate.ContinuedSequence;
import io.tritmill.jobs.generate.ResidentModel;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.ModelSources;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tokenizer.Tokenizer;
import io.tritmill.kernels.model.function.Sampling;
import io.tritmill.kernels.model.function.TokenSampler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Real models as GGUF files, of 98 MB and of 253 MB: their ids and logits are those of llama.cpp.
 */
@Tag("foreign")
@ExtendWith(SharedSpark.class)
class RealGgufTest {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * A model, and how its logits may differ, of the largest: by sums of floats in another order, and
   * by a table of half precision in which llama.cpp looks up GELU.
   */
  private enum Real {
    SMOLLM2(PackagedModel.SMOLLM2, 1e-4),
    GEMMA3(PackagedModel.GEMMA3, 4e-3);

    private final PackagedModel from;
    private final double tolerance;

    Real(PackagedModel from, double tolerance) {
      this.from = from;
      this.tolerance = tolerance;
    }

    private Path file() throws IOException, InterruptedException {
      return from.file(GGUF, directory);
    }

    private JsonNode there(String file) throws IOException {
      return JSON.readTree(directory.resolve(name()).resolve(file).toFile());
    }
  }

  private static final List<String> TEXTS =
      List.of(
          "The capital of France is Paris, isn't it? It's 1,234.5 km from 'there'.",
          "for (int i = 0; i < 10; i++) {\n\t\tsum += a[i] * b[i];  // x\r\n\r\n}\n\n\n",
          "   three spaces,\t a tab \u00a0and\u2003others   \n  trailing   ",
          "2024-01-31 12:34:56 3.14159 1e-5 0xff \u0663\u0664\u0665 \u00bd\u2167",
          "\u6211\u4eec\u5728\u5317\u4eac\u5b66\u4e60\u4e2d\u6587\u3002\u65e5\u672c\u8a9e\u3082",
          "\ud83d\ude42 \ud83c\udde8\ud83c\udded \ud83d\udc69\u200d\ud83d\udcbb\u2764\ufe0f",
          "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645 e\u0301",
          "<|im_start|>user\nHi<|im_end|>\n<|endoftext|><repo_name>",
          "<start_of_turn>user\nHi  there<end_of_turn>\n<start_of_turn>model\n<bos>\t\t<h1>",
          "");

  private static final List<List<Integer>> PROMPTS =
      List.of(
          List.of(1),
          List.of(504, 3575, 282, 4649, 314),
          List.of(1, 4093, 198, 1780, 314, 260, 3575, 282, 4649, 47, 2, 198, 1, 520, 9531, 198));

  private static final List<List<Turn>> TURNS =
      List.of(
          List.of(new Turn("user", "What is the capital of France?")),
          List.of(
              new Turn("system", "Be brief."),
              new Turn("user", " 1+1? "),
              new Turn("assistant", "Two.\n"),
              new Turn("user", "And \u00e9\u4f60?")));

  @RegisterExtension private static final ForeignPrograms GGUF = ForeignPrograms.of("gguf");

  @TempDir private static Path directory;
  private static Path model;

  @BeforeAll
  static void runThere() throws IOException, InterruptedException {
    for (Real real : Real.values()) {
      Path folder = Files.createDirectory(directory.resolve(real.name()));
      JSON.writeValue(folder.resolve("texts.json").toFile(), TEXTS);
      JSON.writeValue(folder.resolve("prompts.json").toFile(), PROMPTS);
      JSON.writeValue(folder.resolve("turns.json").toFile(), TURNS);
      GGUF.run(folder, "python", ROOT.resolve("foreign/gguf_model.py"), real.file(), folder)
          .exits(0);
      Files.delete(folder.resolve("f32.gguf"));
    }
    model = Real.SMOLLM2.file();
  }

  @ParameterizedTest
  @EnumSource(Real.class)
  void everyTextHasTheSameIds(Real real) throws IOException, InterruptedException {
    Storage storage = SharedSpark.storage();
    JsonNode ids = real.there("ids.json");
    assertEquals(TEXTS.size(), ids.size());
    try (Tokenizer tokenizer = Tokenizer.open(storage, storage.path(real.file().toString()))) {
      for (int i = 0; i < TEXTS.size(); i++) {
        assertArrayEquals(
            JSON.treeToValue(ids.get(i), int[].class),
            tokenizer.encode(TEXTS.get(i)),
            TEXTS.get(i));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Real.class)
  void everyLogitIsTheSame(Real real) throws IOException, InterruptedException {
    Storage storage = SharedSpark.storage();
    ModelSource source = ModelSources.open(storage, storage.path(real.file().toString()));
    int vocabulary = source.architecture().vocabulary();
    JsonNode expected = real.there("logprobs.json");
    for (int p = 0; p < PROMPTS.size(); p++) {
      int[] ids = PROMPTS.get(p).stream().mapToInt(Integer::intValue).toArray();
      float[] logits = new float[vocabulary];
      try (ModelPass pass = new ModelPass(source, List.of(ids))) {
        pass.readHead(0, vocabulary);
        pass.logits(ids.length - 1, 1, logits);
      }
      double largest = 0;
      double most = Double.NEGATIVE_INFINITY;
      for (float logit : logits) {
        largest = Math.max(largest, Math.abs(logit));
        most = Math.max(most, logit);
      }
      double sum = 0;
      for (float logit : logits) {
        sum += Math.exp(logit - most);
      }
      double difference = 0;
      for (int token = 0; token < vocabulary; token++) {
        double here = logits[token] - most - Math.log(sum);
        difference = Math.max(difference, Math.abs(here - expected.get(p).get(token).asDouble()));
      }
      System.out.printf("prompt %d: largest %.3f, difference %.2e%n", p, largest, difference);
      assertTrue(difference <= real.tolerance * largest, difference + " of " + largest);
    }
  }

  @ParameterizedTest
  @EnumSource(Real.class)
  void theMostLikelyTextsAreTheSame(Real real) throws IOException, InterruptedException {
    Storage storage = SharedSpark.storage();
    ModelSource source = ModelSources.open(storage, storage.path(real.file().toString()));
    ResidentModel resident = ResidentModel.read(source, Activations.EXACT);
    JsonNode expected = real.there("greedy.json");
    for (int p = 0; p < PROMPTS.size(); p++) {
      int[] tokens = JSON.treeToValue(expected.get(p), int[].class);
      assertTrue(tokens.length > 0);
      int[] all = PROMPTS.get(p).stream().mapToInt(Integer::intValue).toArray();
      int prompt = all.length;
      ContinuedSequence sequence = new ContinuedSequence(resident);
      TokenSampler sampler = new TokenSampler(Sampling.GREEDY);
      for (int i = 0; i < tokens.length; i++) {
        int next = sampler.next(sequence.logits(all));
        all = Arrays.copyOf(all, all.length + 1);
        all[all.length - 1] = next;
      }
      assertArrayEquals(tokens, Arrays.copyOfRange(all, prompt, all.length), "prompt " + p);
    }
  }

  /** The other one was made without chats. */
  @Test
  void turnsAreWrittenTheSame() throws IOException, InterruptedException {
    Storage storage = SharedSpark.storage();
    ChatTemplate template =
        ChatTemplate.read(
            storage, Checkpoint.open(storage, storage.path(Real.SMOLLM2.file().toString())));
    JsonNode expected = Real.SMOLLM2.there("chats.json");
    for (int i = 0; i < TURNS.size(); i++) {
      assertEquals(expected.get(i).asText(), template.render(TURNS.get(i)));
    }
  }

  @Test
  void itAnswers() {
    Object[] line = {"generate", model, "--chat", "--prompt", "What is the capital of France?"};
    assertEquals("The capital of France is Paris.", Invocation.of(line).exits(0).out().strip());
  }

  /** With damping and text enough that pages may change without changing the verdict. */
  @Test
  void itLearnsFromText() throws IOException {
    Path text = directory.resolve("calibration.txt");
    for (String page : List.of("README.md", "docs/operations.md", "docs/results.md")) {
      Files.writeString(
          text,
          Files.readString(ROOT.resolve(page)),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
    Path recipe =
        Files.writeString(
            directory.resolve("calibrated.yaml"),
            """
            version: 1
            name: calibrated
            calibration: {samples: 64, sequence_length: 256}
            rules:
              - {match: "*", stages: [{gptq: {damp: 0.1}}, {ptqtp: {planes: 2, group: 64, tied: true}}]}
            """);
    Path plain =
        Files.writeString(
            directory.resolve("plain.yaml"),
            """
            version: 1
            name: plain
            rules:
              - {match: "*", stages: [{ptqtp: {planes: 2, group: 64, tied: true}}]}
            """);
    double learned = divergence(recipe, "--calibration", text);
    double rounded = divergence(plain);
    System.out.printf("KL divergence: %.4f calibrated, %.4f not%n", learned, rounded);
    assertTrue(learned < 0.95 * rounded, learned + " of " + rounded);
  }

  /** Of the compressed model on a text of another kind than it may have learned from. */
  private static double divergence(Path recipe, Object... options) throws IOException {
    Path data = directory.resolve("license.txt");
    Files.copy(ROOT.resolve("LICENSE"), data, StandardCopyOption.REPLACE_EXISTING);
    Path run = directory.resolve(recipe.getFileName() + ".run");
    List<Object> line = new ArrayList<>(List.of("compress", "--model", model));
    line.addAll(List.of("--recipe", recipe, "--output", run));
    line.addAll(List.of(options));
    Invocation.of(line.toArray()).exits(0);
    return Invocation.of(
            "evaluate",
            run,
            "--dataset",
            data,
            "--protocol",
            "windows",
            "--sequence-length",
            256,
            "--limit",
            6,
            "--baseline",
            model,
            "--format",
            "json")
        .exits(0)
        .json()
        .get("kl_divergence")
        .doubleValue();
  }

  @Test
  void itIsCompressedAndEvaluated() throws IOException {
    Path data = directory.resolve("data.jsonl");
    String text = "The capital of France is Paris. The largest city of Germany is Berlin, and ";
    Files.writeString(data, JSON.writeValueAsString(Map.of("text", text.repeat(3))) + "\n");
    Path run = directory.resolve("run");
    Invocation.of("compress", "--model", model, "--recipe", "ptqtp", "--output", run).exits(0);
    List<Object> line = new ArrayList<>(List.of("evaluate", run, "--dataset", data));
    line.addAll(Arrays.asList("--baseline", model, "--format", "json"));
    JsonNode measured = Invocation.of(line.toArray()).exits(0).json();
    System.out.println(measured);
    double ratio = measured.get("perplexity_ratio").doubleValue();
    assertTrue(ratio > 1 && ratio < 50, measured::toString);
    assertTrue(Files.exists(run.resolve("model/tokenizer.json")));
    assertTrue(Files.exists(run.resolve("model/tokenizer_config.json")));
  }
}
