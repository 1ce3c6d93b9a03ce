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
import io.tritmill.jobs.format.PlainReader;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Experts that lie in one tensor are layers of their own, whichever side comes first. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class StackedExpertsTest {
  private static final String EXPERTS = "model.layers.0.mlp.experts.";
  private static final int COUNT = 3;
  private static final int HIDDEN = 8;
  private static final int WIDTH = 6;

  private final Storage storage = SharedSpark.storage();
  @TempDir private Path directory;

  /** Expert {@code index}, (rows, columns). */
  private static float[] expert(String name, int index, int rows, int columns) {
    Random random = new Random(31 * name.hashCode() + index);
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.round(random.nextGaussian() * 64) / 64f;
    }
    return values;
  }

  private static float[] transposed(float[] values, int rows, int columns) {
    float[] turned = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      turned[i % columns * rows + i / columns] = values[i];
    }
    return turned;
  }

  private static float[] stack(String name, int rows, int columns, boolean inputsFirst) {
    float[] all = new float[COUNT * rows * columns];
    for (int i = 0; i < COUNT; i++) {
      float[] one = expert(name, i, rows, columns);
      float[] stored = inputsFirst ? transposed(one, rows, columns) : one;
      System.arraycopy(stored, 0, all, i * stored.length, stored.length);
    }
    return all;
  }

  private Path stacked(boolean inputsFirst) {
    Path model = directory.resolve("stacked-" + inputsFirst);
    List<Integer> in = List.of(COUNT, 2 * WIDTH, HIDDEN);
    List<Integer> out = List.of(COUNT, HIDDEN, WIDTH);
    new SafetensorsBuilder()
        .random("model.layers.0.self_attn.q_proj.weight", DType.BF16, List.of(8, 8))
        .tensor(
            EXPERTS + "gate_up_proj",
            DType.BF16,
            inputsFirst ? List.of(COUNT, HIDDEN, 2 * WIDTH) : in,
            stack("gate_up_proj", 2 * WIDTH, HIDDEN, inputsFirst))
        .tensor(
            EXPERTS + "down_proj",
            DType.BF16,
            inputsFirst ? List.of(COUNT, WIDTH, HIDDEN) : out,
            stack("down_proj", HIDDEN, WIDTH, inputsFirst))
        .write(model.resolve("model.safetensors"));
    return model;
  }

  private Path apart() {
    Path model = directory.resolve("apart");
    SafetensorsBuilder builder =
        new SafetensorsBuilder()
            .random("model.layers.0.self_attn.q_proj.weight", DType.BF16, List.of(8, 8));
    for (int i = 0; i < COUNT; i++) {
      builder.tensor(
          EXPERTS + i + ".gate_up_proj.weight",
          DType.BF16,
          List.of(2 * WIDTH, HIDDEN),
          expert("gate_up_proj", i, 2 * WIDTH, HIDDEN));
      builder.tensor(
          EXPERTS + i + ".down_proj.weight",
          DType.BF16,
          List.of(HIDDEN, WIDTH),
          expert("down_proj", i, HIDDEN, WIDTH));
    }
    builder.write(model.resolve("model.safetensors"));
    return model;
  }

  private Path compress(Path model, Object recipe) {
    Path run = directory.resolve("run-" + model.getFileName());
    Invocation.of(
            "compress", "--model", model, "--recipe", recipe, "--weights-only", "--output", run)
        .exits(0);
    Invocation.of("verify", run, "--layers", 100).exits(0);
    return run;
  }

  private static PlainReader packed(Path run) throws IOException {
    return new PlainReader(run.resolve("model/model.safetensors"));
  }

  /** A recipe that keeps all of one kind, and of the other kind one. */
  private Path some() throws IOException {
    Path recipe = directory.resolve("some.yaml");
    Files.writeString(
        recipe,
        """
        version: 1
        name: some
        rules:
          - match: ["*.down_proj", "*.gate_up_proj?1?"]
            keep: true
          - match: "*"
            stages: [{twn: {group: row}}]
        """);
    return recipe;
  }

  @Test
  void eachHasTheBytesThatItHasAsATensorOfItsOwn() throws IOException {
    Map<String, float[]> apart = packed(compress(apart(), "twn")).matrices();
    for (boolean inputsFirst : List.of(false, true)) {
      Path run = compress(stacked(inputsFirst), "twn");
      Map<String, float[]> found = packed(run).matrices();
      assertEquals(apart.size(), found.size());
      for (String kind : List.of("gate_up_proj", "down_proj")) {
        for (int i = 0; i < COUNT; i++) {
          assertArrayEquals(
              apart.get(EXPERTS + i + "." + kind + ".weight"),
              found.get("%s%s[%d]".formatted(EXPERTS, kind, i)));
        }
      }
      List<Row> rows = RunFiles.table(run, "layers");
      assertEquals(1 + 2 * COUNT, rows.size());
      rows.forEach(row -> assertEquals("ok", row.getAs("status")));
      JsonNode summary = RunFiles.json(run.resolve("summary.json"));
      assertEquals(0, summary.get("fallbacks").asInt());
      assertEquals(64 + COUNT * 18 * HIDDEN, summary.get("parameters").asInt());
    }
  }

  @Test
  void whatIsKeptIsTheWholeOrAMatrixUnderItsName() throws IOException {
    Path recipe = some();
    for (boolean inputsFirst : List.of(false, true)) {
      Path model = stacked(inputsFirst);
      Path run = compress(model, recipe);
      Checkpoint output = Checkpoint.open(storage, storage.path(run.resolve("model").toString()));

      List<String> names = output.tensors().stream().map(TensorInfo::name).toList();
      List<String> expected = new ArrayList<>();
      expected.add(EXPERTS + "down_proj");
      expected.add(EXPERTS + "gate_up_proj[1]");
      for (String matrix : List.of("gate_up_proj[0]", "gate_up_proj[2]")) {
        expected.add(EXPERTS + matrix + ".scales");
        expected.add(EXPERTS + matrix + ".trits");
      }
      assertTrue(names.containsAll(expected), names.toString());
      assertEquals(expected.size() + 2, names.size());
      try (TensorReader reader = new TensorReader(storage)) {
        TensorInfo whole = output.tensor(EXPERTS + "down_proj").orElseThrow();
        byte[] bytes = new byte[2 * COUNT * HIDDEN * WIDTH];
        float[] stored = stack("down_proj", HIDDEN, WIDTH, inputsFirst);
        DType.BF16.encode(stored, 0, bytes, 0, stored.length);
        assertArrayEquals(bytes, reader.bytes(whole, 0, bytes.length));
        for (int i = 0; i < COUNT; i++) {
          TensorInfo one = output.tensor("%sdown_proj[%d]".formatted(EXPERTS, i)).orElseThrow();
          assertArrayEquals(
              expert("down_proj", i, HIDDEN, WIDTH), reader.rows(one, 0, HIDDEN).values());
        }
        TensorInfo one = output.tensor(EXPERTS + "gate_up_proj[1]").orElseThrow();
        assertEquals(List.of(2L * WIDTH, (long) HIDDEN), one.shape());
        assertArrayEquals(
            expert("gate_up_proj", 1, 2 * WIDTH, HIDDEN), reader.rows(one, 0, 2 * WIDTH).values());
      }
      List<String> kept =
          RunFiles.table(run, "layers").stream()
              .filter(row -> row.getAs("status").equals("kept"))
              .map(row -> row.<String>getAs("tensor_name"))
              .sorted()
              .toList();
      List<String> matrices = new ArrayList<>();
      IntStream.range(0, COUNT).forEach(i -> matrices.add(EXPERTS + "down_proj[" + i + "]"));
      matrices.add(EXPERTS + "gate_up_proj[1]");
      assertEquals(matrices, kept);
      long data = output.tensors().stream().mapToLong(TensorInfo::bytes).sum();
      assertEquals(data, RunFiles.json(run.resolve("summary.json")).get("bytes_out").asLong());
    }
  }

  /** Of 4-bit floats a stack is two tensors, and a matrix is kept in half precision, exactly. */
  @Test
  void fourBitFloatsAreKeptAsTheyAreOrExactly() throws IOException {
    Path golden = Path.of("src/test/resources/golden/gpt_oss-mxfp4").toAbsolutePath();
    Path model = Files.createDirectories(directory.resolve("mxfp4"));
    Files.copy(golden.resolve("model.safetensors"), model.resolve("model.safetensors"));
    Path run = compress(model, some());

    Checkpoint source = Checkpoint.open(storage, storage.path(model.toString()));
    Checkpoint output = Checkpoint.open(storage, storage.path(run.resolve("model").toString()));
    try (TensorReader reader = new TensorReader(storage)) {
      for (String name : List.of(EXPERTS + "down_proj[2]", EXPERTS + "gate_up_proj[1]")) {
        TensorInfo before = source.tensor(name).orElseThrow();
        TensorInfo after = output.tensor(name).orElseThrow();
        assertEquals(name.contains("down") ? "MXFP4" : "BF16", after.dtype());
        int rows = (int) before.rows();
        assertArrayEquals(
            reader.rows(before, 0, rows).values(), reader.rows(after, 0, rows).values());
      }
    }
    assertEquals(
        source.tensor(EXPERTS + "down_proj").orElseThrow().storedBytes(),
        output.tensor(EXPERTS + "down_proj").orElseThrow().storedBytes());
    assertTrue(output.tensor(EXPERTS + "gate_up_proj[0].trits").isPresent());
    long data = output.tensors().stream().mapToLong(TensorInfo::storedBytes).sum();
    JsonNode summary = RunFiles.json(run.resolve("summary.json"));
    assertEquals(data, summary.get("bytes_out").asLong());
    long stored = source.tensors().stream().mapToLong(TensorInfo::storedBytes).sum();
    assertEquals(stored, summary.get("bytes_in").asLong());
  }

  /** Packed, kept one by one and kept as a whole they are the same model. */
  @ParameterizedTest
  @ValueSource(strings = {"granitemoe", "qwen3_5_moe", "gpt_oss", "gpt_oss-mxfp4"})
  void aPackedModelRunsWithWhatIsPackedAndWhatIsKept(String name) throws IOException {
    Path golden = Path.of("src/test/resources/golden").resolve(name).toAbsolutePath();
    Path data = directory.resolve("data.jsonl");
    Random random = new Random(5);
    StringBuilder lines = new StringBuilder();
    for (int document = 0; document < 4; document++) {
      List<Integer> ids = random.ints(16, 1, 60).boxed().toList();
      lines.append(SafetensorsBuilder.json(Map.of("input_ids", ids))).append('\n');
    }
    Files.writeString(data, lines);
    double before = perplexity(golden, data);
    String stack = name.equals("granitemoe") ? "*.input_linear.weight" : "*.experts.down_proj";
    for (String kept : List.of("'*'", "['" + stack + "', '*?1?']")) {
      Path recipe = directory.resolve("kept.yaml");
      Files.writeString(
          recipe,
          "version: 1\nname: kept\nrules:\n  - {match: %s, keep: true}\n%s"
              .formatted(
                  kept,
                  kept.equals("'*'")
                      ? ""
                      : "  - {match: '*', stages: [{ptqtp: {planes: 3, group: 4}}]}\n"));
      Path run = directory.resolve("run" + kept.length());
      Invocation.of("compress", "--model", golden, "--recipe", recipe, "--output", run).exits(0);
      Invocation.of("verify", run, "--layers", 100).exits(0);
      double after = perplexity(run, data);
      assertEquals(before, after, kept.equals("'*'") ? 0 : 0.05 * before);
    }
  }

  private static double perplexity(Path model, Path data) {
    return Invocation.of("evaluate", model, "--dataset", data, "--format", "json")
        .exits(0)
        .json()
        .get("perplexity")
        .asDouble();
  }
}
