package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.jobs.format.PlainReader;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.ModelSources;
import io.tritmill.jobs.model.ModelTensors;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Embeddings and heads that are compressed. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class PackedTablesTest {
  private static final String EMBEDDING = "model.embed_tokens.weight";
  private static final String HEAD = "lm_head.weight";

  /** No row of the tables begins at a byte unless its number is a multiple of five. */
  private static final Sizes SIZES = new Sizes(73, 24, 52, 2, 3, 1);

  private final Storage storage = SharedSpark.storage();

  @TempDir private Path directory;

  /** Its logits are wide apart, so that errors of its tables are seen in them. */
  private Path model(boolean tied) throws IOException {
    Path narrow = directory.resolve("narrow");
    SafetensorsBuilder.writeLlama(narrow, SIZES, tied, DType.F32, 1);
    Checkpoint checkpoint = Checkpoint.open(storage, storage.path(narrow.toString()));
    TensorInfo head = checkpoint.tensor(tied ? EMBEDDING : HEAD).orElseThrow();
    try (TensorReader reader = new TensorReader(storage)) {
      float[] wide = reader.rows(head, 0, SIZES.vocabulary()).values();
      for (int i = 0; i < wide.length; i++) {
        wide[i] *= 30;
      }
      return replaced(narrow, "model", Map.of(head.name(), wide));
    }
  }

  private Path run(Path model, String recipe, Object... more) throws IOException {
    Path yaml = directory.resolve("recipe.yaml");
    Files.writeString(yaml, "version: 1\nname: tables\n" + recipe);
    Path run = directory.resolve("run");
    Object[] arguments = {"compress", "--model", model, "--recipe", yaml, "--output", run};
    Object[] all = Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    Invocation.of(all).exits(0);
    return run;
  }

  private static Map<String, float[]> packed(Path run) throws IOException {
    return new PlainReader(run.resolve("model/model.safetensors")).matrices();
  }

  /** The checkpoint with some matrices replaced. */
  private Path replaced(Path model, String name, Map<String, float[]> matrices) throws IOException {
    Path other = Files.createDirectories(directory.resolve(name));
    Files.copy(model.resolve("config.json"), other.resolve("config.json"));
    Checkpoint checkpoint = Checkpoint.open(storage, storage.path(model.toString()));
    SafetensorsBuilder builder = new SafetensorsBuilder();
    try (TensorReader reader = new TensorReader(storage)) {
      for (TensorInfo tensor : checkpoint.tensors()) {
        float[] stored = reader.rows(tensor, 0, (int) tensor.rows()).values();
        List<Integer> shape = tensor.shape().stream().map(Long::intValue).toList();
        builder.tensor(
            tensor.name(), DType.F32, shape, matrices.getOrDefault(tensor.name(), stored));
      }
    }
    builder.write(other.resolve("model.safetensors"));
    return other;
  }

  private static String documents() {
    return documents(4, 5);
  }

  private static String documents(int count, int seed) {
    Random random = new Random(seed);
    StringBuilder lines = new StringBuilder();
    for (int document = 0; document < count; document++) {
      List<Integer> ids = random.ints(30, 1, SIZES.vocabulary()).boxed().toList();
      lines.append(SafetensorsBuilder.json(Map.of("input_ids", ids))).append('\n');
    }
    return lines.toString();
  }

  private JsonNode compared(Path run, Path baseline) throws IOException {
    Path data = directory.resolve("data.jsonl");
    Files.writeString(data, documents());
    return Invocation.of(
            "evaluate", run, "--dataset", data, "--baseline", baseline, "--format", "json")
        .exits(0)
        .json();
  }

  @ParameterizedTest
  @CsvSource({
    "true, embedding, ''",
    "true, head, ''",
    "false, embedding, ''",
    "false, head, ''",
    "true, embedding, hadamard",
    "false, head, hadamard"
  })
  void areTheMatricesThatTheyDecodeTo(boolean tied, String kind, String transforms)
      throws IOException {
    Path model = model(tied);
    Path run =
        run(
            model,
            """
            transforms: [%s]
            rules:
              - match: {kind: %s}
                stages: [{ptqtp: {planes: 2, group: 16}}]
              - match: "*"
                keep: true
            """
                .formatted(transforms, kind));
    Map<String, float[]> packed = packed(run);
    String table = tied || kind.equals("embedding") ? EMBEDDING : HEAD;
    assertEquals(Set.of(table), packed.keySet());
    JsonNode evaluated = compared(run, replaced(model, "decoded", packed));
    // A rotated model sums in another order.
    double most = transforms.isEmpty() ? 0 : 1e-6;
    assertEquals(0, evaluated.get("kl_divergence").asDouble(), most, evaluated::toString);
    assertEquals(1, evaluated.get("perplexity_ratio").asDouble(), most, evaluated::toString);
    assertTrue(compared(run, model).get("kl_divergence").asDouble() > 1e-4);
    Invocation.of("verify", run, "--layers", 100).exits(0);
    Row row =
        RunFiles.table(run, "layers").stream()
            .filter(one -> one.getAs("tensor_name").equals(table))
            .findFirst()
            .orElseThrow();
    assertEquals("ok", row.getAs("status"));
    assertEquals(table.equals(EMBEDDING) ? "embedding" : "head", row.getAs("role"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ptqtp: {planes: 3, group: 16, tied: true}",
        "absmean: {group: tensor}",
        "twn: {group: row}"
      })
  void areReadByRows(String stage) throws IOException {
    Path run =
        run(
            model(false),
            "rules: [{match: [{kind: embedding}, {kind: head}], stages: [{%s}]}, {match: '*', keep: true}]"
                .formatted(stage));
    Map<String, float[]> packed = packed(run);
    ModelSource source = ModelSources.open(storage, storage.path(run.resolve("model").toString()));
    try (ModelTensors tensors = source.open()) {
      for (TensorSpec table :
          List.of(source.architecture().embedding(), source.architecture().head())) {
        float[] all = packed.get(table.name());
        for (int first = 0; first < SIZES.vocabulary(); first += 4) {
          for (int count : new int[] {1, 5, 7, SIZES.vocabulary() - first}) {
            int rows = Math.min(count, SIZES.vocabulary() - first);
            float[] found = new float[rows * SIZES.hidden()];
            tensors.rows(table, first, rows, found);
            int begin = first * SIZES.hidden();
            assertArrayEquals(Arrays.copyOfRange(all, begin, begin + found.length), found);
          }
        }
      }
    }
  }

  /** Layers learn beside a table that does not. */
  @Test
  void standBesideCalibratedLayers() throws IOException {
    Path model = model(true);
    Path data = directory.resolve("data.jsonl");
    Files.writeString(data, documents());
    Path run =
        run(
            model,
            """
            transforms: [hadamard]
            propagate_error: true
            calibration: {samples: 3, sequence_length: 20, held_out: 1}
            rules:
              - {match: {kind: embedding}, stages: [{ptqtp: {planes: 2, group: 8}}]}
              - {match: "*", stages: [{gptq: {}}, {ptqtp: {planes: 2, group: 8}}]}
            """,
            "--calibration",
            data);
    assertEquals(15, packed(run).size());
    double divergence = compared(run, model).get("kl_divergence").asDouble();
    assertTrue(divergence > 0 && divergence < 0.1, "divergence is " + divergence);
    Invocation.of("verify", run, "--layers", 100).exits(0);
  }

  /** What a head alone costs, from the full-precision layers. */
  private double alone(Path model, String kind, String stages, Path data) throws IOException {
    String recipe =
        """
        calibration: {samples: 60, sequence_length: 30, held_out: 4}
        rules:
          - {match: {kind: %s}, stages: [%s]}
          - {match: "*", keep: true}
        """
            .formatted(kind, stages);
    Path run = run(model, recipe, "--calibration", data);
    double divergence = compared(run, model).get("kl_divergence").asDouble();
    Invocation.of("verify", run, "--layers", 100).exits(0);
    Row row =
        RunFiles.table(run, "layers").stream()
            .filter(one -> one.getAs("status").equals("ok"))
            .findFirst()
            .orElseThrow();
    boolean learns = stages.contains("gptq");
    assertEquals(learns ? 1800L : null, row.<Long>getAs("calib_tokens"));
    if (learns) {
      double held = row.getAs("output_rel_err_held_out");
      assertTrue(held > 0 && held < row.<Double>getAs("weight_rel_err"), row::toString);
    }
    assertEquals(
        1,
        RunFiles.json(run.resolve("plan.json"))
            .get("fates")
            .get("compressed")
            .get("count")
            .asInt());
    deleteRun();
    return divergence;
  }

  private void deleteRun() throws IOException {
    try (var files = Files.walk(directory.resolve("run"))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void aCalibratedHeadLosesLess() throws IOException {
    Path model = model(false);
    Path data = directory.resolve("calibration.jsonl");
    Files.writeString(data, documents(64, 6));
    String rounding = "{ptqtp: {planes: 2, group: 8, tied: true}}";
    double rounded = alone(model, "head", rounding, data);
    double compensated = alone(model, "head", "{gptq: {}}, " + rounding, data);
    assertTrue(compensated < rounded, compensated + " against " + rounded);
  }

  /** What is said of the table is what is said of a head, whichever of its kinds a rule names. */
  @ParameterizedTest
  @ValueSource(strings = {"head", "embedding"})
  void aTiedTableLearnsAsTheHead(String kind) throws IOException {
    Path data = directory.resolve("calibration.jsonl");
    Files.writeString(data, documents(64, 6));
    alone(model(true), kind, "{gptq: {}}, {ptqtp: {planes: 2, group: 8, tied: true}}", data);
  }

  private String refused(boolean tied, String rule) throws IOException {
    Path yaml = directory.resolve("recipe.yaml");
    Files.writeString(
        yaml, "version: 1\nname: tables\nrules: [%s, {match: '*', keep: true}]\n".formatted(rule));
    return Invocation.of("plan", "--model", model(tied), "--recipe", yaml).exits(3).err();
  }

  @Test
  void anEmbeddingThatIsNoHeadLearnsNothing() throws IOException {
    String said = refused(false, "{match: {kind: embedding}, stages: [{gptq: {}}, {ptqtp: {}}]}");
    assertTrue(
        said.endsWith(
            "tritmill: model.embed_tokens.weight: gptq+ptqtp learns from what the model does with"
                + " data, but what enters an embedding that is no head too is token ids; use a"
                + " method that looks at the weights alone\n"),
        said);
  }

  @Test
  void rowsOfAHeadAreNotWeighedAgainstThoseOfBlocks() throws IOException {
    String said = refused(true, "{match: {kind: head}, stages: [{gptq: {}}, {trit_rows: {}}]}");
    assertTrue(said.contains("model.embed_tokens.weight: trit_rows weighs rows"), said);
  }

  @Test
  void thePlanCountsAHeadThatLearns() throws IOException {
    Path yaml = directory.resolve("recipe.yaml");
    String recipe =
        """
        version: 1
        name: tables
        calibration: {samples: 8, sequence_length: 64, held_out: 0}
        rules:
          - {match: {kind: head}, stages: [%s{ptqtp: {planes: 2, group: 8}}]}
          - {match: "*", keep: true}
        """;
    Files.writeString(yaml, recipe.formatted(""));
    Path model = model(false);
    Object[] arguments = {"plan", "--model", model, "--recipe", yaml, "--format", "json"};
    JsonNode rounded = Invocation.of(arguments).exits(0).json();
    Files.writeString(yaml, recipe.formatted("{output_metric: {}}, {gptq: {}}, "));
    JsonNode learned = Invocation.of(arguments).exits(0).json();
    for (String same : List.of("bits_per_weight", "bytes_out", "bits_per_weight_model")) {
      assertEquals(rounded.get(same), learned.get(same));
    }
    String seconds = "seconds_expected";
    assertTrue(learned.get(seconds).asDouble() > rounded.get(seconds).asDouble());
    List<String> phases = learned.get("phases").findValuesAsText("name");
    assertTrue(phases.contains("calibrate and solve layers"), phases::toString);
    String warnings = learned.get("warnings").toString();
    assertTrue(warnings.contains("output_metric is left out of lm_head.weight, a head"), warnings);
  }
}
