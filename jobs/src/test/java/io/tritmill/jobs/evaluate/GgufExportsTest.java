package io.tritmill.jobs.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.data.Document;
import io.tritmill.jobs.data.DocumentReader;
import io.tritmill.jobs.data.Documents;
import io.tritmill.jobs.foreign.ForeignPrograms;
import io.tritmill.jobs.foreign.PackagedModel;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.ModelSources;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What llama.cpp and the package gguf decode of exported files are the weights of the run to the
 * last bit, and llama.cpp runs them as they are run here.
 */
@Tag("foreign")
@ExtendWith(SharedSpark.class)
class GgufExportsTest {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));
  private static final Path EVALUATION = ROOT.resolve("examples/demo-evaluation");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Of the logarithms of probabilities: attention is computed in another order. */
  private static final double EXACT = 1e-3;

  /**
   * Nats of a token where weights are halves: llama.cpp then rounds what they are multiplied with
   * to halves, and is as far from itself on the same weights in single precision.
   */
  private static final double HALVES = 1e-4;

  /** Nats of a token: llama.cpp rounds activations to 8 bits where weights are integers. */
  private static final double ROUNDED = 0.02;

  /** Of a perplexity, for the same reason. */
  private static final double SHARE = 0.01;

  private static final int WINDOW = 256;
  private static final int WINDOWS = 16;

  private static final List<String> TEXTS =
      List.of(
          "Once upon a time, there was a cat.",
          "Is it 12,345?\n\n\tYes! \u00e9\u4f60 \ud83d\ude42");

  private static final List<int[]> PROMPTS =
      List.of(new int[] {0}, new int[] {0, 410, 33, 71, 200, 5, 9, 1000, 17});

  @RegisterExtension private static final ForeignPrograms GGUF = ForeignPrograms.of("gguf");

  @TempDir private static Path directory;

  @ParameterizedTest
  @CsvSource({
    "demo, 'int: {bits: 4, group: 32}', 'ptqtp: {planes: 1, group: 256}', BF16 F32 Q4_0 TQ1_0",
    "demo, 'ptqtp: {planes: 3, group: 64, tied: true}', 'int: {bits: 8, group: 32}', BF16 F32 Q5_0 Q8_0",
    "demo, 'q4_k', 'q2_k', BF16 F32 Q2_K Q4_K",
    "demo, 'q3_k', 'q6_k', BF16 F32 Q3_K Q6_K",
    "demo, 'q4_1', 'q5_1', BF16 F32 Q4_1 Q5_1",
    "demo, 'int: {bits: 4, group: 64, symmetric: false}', 'int: {bits: 5, group: 32, symmetric: false}', BF16 F32 Q4_1 Q5_1",
    "demo, 'int: {bits: 4, group: row, symmetric: false}', 'int: {bits: 5, group: 256, symmetric: false}', BF16 F32 Q4_K Q5_K",
    "demo, 'int: {bits: 3, group: 256}', 'int: {bits: 6, group: row}', BF16 F32 Q3_K Q6_K",
    "demo, 'four_levels: {group: row}', 'ptqtp: {planes: 2, group: 64}', BF16 F16 F32 TQ2_0",
    "demo, 'four_levels: {group: 64}', 'int: {bits: 4, group: 64}', BF16 F32 Q2_0 Q4_0",
    "smollm2, 'int: {bits: 4, group: 64}', 'int: {bits: 5, group: 32}', F16 F32 Q4_0 Q5_0"
  })
  void everyBitIsThatOfTheRun(String name, String most, String down, String types)
      throws IOException, InterruptedException {
    boolean demo = name.equals("demo");
    Path folder = Files.createTempDirectory(directory, name);
    Path run = compress(folder, model(name), most, down);
    export(run, "f32", folder.resolve("f32.gguf"));
    export(run, "f16", folder.resolve("f16.gguf"), "--allow-lossy");
    export(run, "auto", folder.resolve("auto.gguf"));
    export(run, "auto", folder.resolve("parts"), "--split", demo ? "0.002" : "0.05");
    JSON.writeValue(folder.resolve("prompts.json").toFile(), PROMPTS);
    JSON.writeValue(folder.resolve("texts.json").toFile(), TEXTS);
    Files.writeString(folder.resolve("text.txt"), text());
    Path script = ROOT.resolve("foreign/gguf_exports.py");
    GGUF.run(folder, "python", script, folder, WINDOW, demo ? WINDOWS : 0).exits(0);
    JsonNode found = JSON.readTree(folder.resolve("found.json").toFile());

    assertEquals("[]", found.get("missing").toString());
    Set<String> used = new TreeSet<>();
    found.get("types").forEach(type -> used.add(type.asText()));
    assertEquals(new TreeSet<>(List.of(types.split(" "))), used);
    assertNone(found.get("differences"));
    assertNone(found.get("halves"));
    assertEquals(!types.contains("Q2_0 "), found.get("packaged").booleanValue());
    if (found.get("packaged").booleanValue()) {
      assertEquals("[\"general.file_type\"]", found.get("keys").toString());
      assertNone(found.get("others"));
    }
    assertIds(run, found.get("ids"));
    ModelSource source = ModelSources.open(SharedSpark.storage(), at(run.resolve("model")));
    for (int p = 0; p < PROMPTS.size(); p++) {
      double[] here = logarithms(source, PROMPTS.get(p));
      double single = largest(here, found.get("f32").get(p));
      double half = divergence(here, found.get("f16").get(p));
      double divergence = divergence(here, found.get("auto").get(p));
      System.out.printf("prompt %d: %.2e, %.2e and %.2e nats%n", p, single, half, divergence);
      assertTrue(single <= EXACT, "prompt " + p + ": " + single);
      assertTrue(half <= HALVES, "prompt " + p + ": " + half);
      assertTrue(divergence <= ROUNDED, "prompt " + p + ": " + divergence);
    }
    assertEquals(found.get("auto"), found.get("parts"));
    if (demo) {
      assertPerplexity(run, found.get("perplexity"));
    }
  }

  private static void assertNone(JsonNode differences) {
    assertTrue(differences.size() > 0);
    differences
        .properties()
        .forEach(tensor -> assertEquals(0, tensor.getValue().asDouble(), tensor.getKey()));
  }

  private static void assertPerplexity(Path run, JsonNode there) {
    Object[] line = {
      "evaluate",
      run,
      "--dataset",
      EVALUATION,
      "--protocol",
      "windows",
      "--sequence-length",
      WINDOW,
      "--limit",
      WINDOWS,
      "--format",
      "json"
    };
    JsonNode result = Invocation.of(line).exits(0).json();
    double here = result.get("perplexity").doubleValue();
    System.out.printf("perplexity %.5f, there %s%n", here, there);
    assertEquals(WINDOWS * (WINDOW - 1), result.get("tokens").intValue());
    assertEquals(here, there.get("f32").doubleValue(), 1e-5 * here);
    assertEquals(here, there.get("f16").doubleValue(), 1e-4 * here);
    assertEquals(here, there.get("auto").doubleValue(), SHARE * here);
  }

  /** The documents of the bundled data, as they are joined where they are cut into windows. */
  private static String text() throws IOException {
    StringJoiner joined = new StringJoiner("\n\n");
    try (DocumentReader reader =
        Documents.open(SharedSpark.storage(), at(EVALUATION), Documents.Selection.DEFAULT).read()) {
      for (Optional<Document> next = reader.next(); next.isPresent(); next = reader.next()) {
        joined.add(((Document.Text) next.get()).text());
      }
    }
    return joined.toString();
  }

  private static org.apache.hadoop.fs.Path at(Path path) {
    return SharedSpark.storage().path(path.toString());
  }

  private static Path model(String name) throws IOException, InterruptedException {
    return name.equals("demo")
        ? ROOT.resolve("examples/demo-6m")
        : PackagedModel.SMOLLM2.file(GGUF, directory);
  }

  private static Path compress(Path folder, Path model, String most, String down)
      throws IOException {
    Path recipe = folder.resolve("recipe.yaml");
    Files.writeString(
        recipe,
        """
        version: 1
        name: exported
        rules:
          - match: "*.down_proj.weight"
            stages: [%s]
          - match: "*.layers.*"
            stages: [%s]
        """
            .formatted(stage(down), stage(most)));
    Path run = folder.resolve("run");
    Invocation.of("compress", "--model", model, "--recipe", recipe, "--output", run).exits(0);
    return run;
  }

  private static String stage(String text) {
    return text.contains(":") ? "{" + text + "}" : text;
  }

  private static void export(Path run, String type, Path output, Object... more) {
    List<Object> line = new ArrayList<>(List.of("export", run, "--format", "gguf:" + type));
    line.addAll(List.of("--output", output));
    line.addAll(List.of(more));
    Invocation.of(line.toArray()).exits(0);
  }

  private static void assertIds(Path run, JsonNode ids) throws IOException {
    Storage storage = SharedSpark.storage();
    try (Tokenizer tokenizer = Tokenizer.open(storage, at(run.resolve("model")))) {
      for (int i = 0; i < TEXTS.size(); i++) {
        assertArrayEquals(
            JSON.treeToValue(ids.get(i), int[].class), tokenizer.encode(TEXTS.get(i)));
      }
    }
  }

  /** Of the probabilities of what may follow the last token. */
  private static double[] logarithms(ModelSource source, int[] ids) throws IOException {
    float[] all = GoldenLogits.found(source, ids);
    int vocabulary = all.length / ids.length;
    double[] last = new double[vocabulary];
    double sum = 0;
    for (int token = 0; token < vocabulary; token++) {
      last[token] = all[all.length - vocabulary + token];
      sum += Math.exp(last[token]);
    }
    for (int token = 0; token < vocabulary; token++) {
      last[token] -= Math.log(sum);
    }
    return last;
  }

  private static double largest(double[] here, JsonNode there) {
    double largest = 0;
    for (int token = 0; token < here.length; token++) {
      largest = Math.max(largest, Math.abs(here[token] - there.get(token).asDouble()));
    }
    return largest;
  }

  private static double divergence(double[] here, JsonNode there) {
    double sum = 0;
    for (int token = 0; token < here.length; token++) {
      sum += Math.exp(here[token]) * (here[token] - there.get(token).asDouble());
    }
    return sum;
  }
}
