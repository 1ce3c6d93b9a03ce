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
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A model in the dress of another program is the model of its dequantized weights. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class DressedModelTest {
  private static final Sizes SIZES = new Sizes(64, 160, 264, 2, 4, 2);
  private static final String KEPT = "model.layers.0.self_attn.k_proj.weight";

  private final Storage storage = SharedSpark.storage();
  @TempDir private Path directory;

  @BeforeEach
  void write() throws IOException {
    Random random = new Random(5);
    StringBuilder data = new StringBuilder();
    for (int document = 0; document < 4; document++) {
      List<Integer> ids = random.ints(20, 1, SIZES.vocabulary()).boxed().toList();
      data.append(SafetensorsBuilder.json(Map.of("input_ids", ids))).append('\n');
    }
    Files.writeString(directory.resolve("data.jsonl"), data);
    Files.writeString(
        directory.resolve("recipe.yaml"),
        """
        version: 1
        name: some
        rules:
          - {match: "*.0.self_attn.k_proj.weight", keep: true}
          - {match: "*", stages: [{ptqtp: {planes: 2, group: 32}}]}
        """);
  }

  /** Puts a matrix into a dress, or leaves it. */
  @FunctionalInterface
  private interface Tailor {
    boolean dress(SafetensorsBuilder builder, String name, List<Integer> shape);
  }

  private Path dressed(Map<String, Object> quantization, Tailor tailor) {
    Path model = directory.resolve("dressed");
    SafetensorsBuilder builder = new SafetensorsBuilder();
    SafetensorsBuilder.llamaShapes(SIZES, true)
        .forEach(
            (name, shape) -> {
              if (!name.endsWith("_proj.weight") || !tailor.dress(builder, name, shape)) {
                builder.random(name, DType.F32, shape);
              }
            });
    builder.write(model.resolve("model.safetensors"));
    Map<String, Object> config = SafetensorsBuilder.llamaConfig(SIZES, true);
    config.put("quantization_config", quantization);
    SafetensorsBuilder.writeJson(model.resolve("config.json"), config);
    return model;
  }

  /** The rows of every tensor, as they are read, in a checkpoint of their own. */
  private Path plain(Path dressed) {
    Path model = directory.resolve("plain");
    SafetensorsBuilder builder = new SafetensorsBuilder();
    try (TensorReader reader = new TensorReader(storage)) {
      for (TensorInfo tensor : open(dressed).tensors()) {
        builder.tensor(
            tensor.name(),
            DType.F32,
            tensor.shape().stream().map(Math::toIntExact).toList(),
            reader.rows(tensor, 0, (int) tensor.rows()).values());
      }
    }
    builder.write(model.resolve("model.safetensors"));
    SafetensorsBuilder.writeJson(
        model.resolve("config.json"), SafetensorsBuilder.llamaConfig(SIZES, true));
    return model;
  }

  private Checkpoint open(Path model) {
    return Checkpoint.open(storage, storage.path(model.toString()));
  }

  private Path compress(Path model, String name) {
    Path run = directory.resolve(name);
    Path recipe = directory.resolve("recipe.yaml");
    Invocation.of("compress", "--model", model, "--recipe", recipe, "--output", run).exits(0);
    Invocation.of("verify", run, "--layers", 99).exits(0);
    return run;
  }

  private double perplexity(Path model) {
    Path data = directory.resolve("data.jsonl");
    JsonNode result =
        Invocation.of("evaluate", model, "--dataset", data, "--format", "json").exits(0).json();
    return result.get("perplexity").doubleValue();
  }

  private Map<String, byte[]> packed(Path run) {
    Map<String, byte[]> tensors = new LinkedHashMap<>();
    try (TensorReader reader = new TensorReader(storage)) {
      for (TensorInfo tensor : open(run.resolve("model")).tensors()) {
        if (!tensor.name().equals(KEPT)) {
          tensors.put(tensor.name(), reader.bytes(tensor, 0, (int) tensor.readBytes()));
        }
      }
    }
    return tensors;
  }

  /** The numbers, the packed bytes, and what is kept with all its parts. */
  private void assertAsItsDequantizedWeights(Path dressed, String... kept) throws IOException {
    Path plain = plain(dressed);
    assertEquals(perplexity(plain), perplexity(dressed));
    Path expected = compress(plain, "expected");
    Path found = compress(dressed, "found");
    Map<String, byte[]> tensors = packed(found);
    Map<String, byte[]> others = packed(expected);
    assertEquals(others.keySet(), tensors.keySet());
    others.forEach((name, bytes) -> assertArrayEquals(bytes, tensors.get(name), name));
    assertEquals(perplexity(expected), perplexity(found));
    List<String> names = new ArrayList<>();
    String header =
        Files.readString(found.resolve("model/model.safetensors"), StandardCharsets.ISO_8859_1);
    for (String part : kept) {
      if (header.contains("\"" + part + "\"")) {
        names.add(part);
      }
    }
    assertEquals(List.of(kept), names);
    long sizes = Files.size(dressed.resolve("model.safetensors"));
    long bytesIn = RunFiles.json(found.resolve("summary.json")).get("bytes_in").longValue();
    byte[] length = Files.readAllBytes(dressed.resolve("model.safetensors"));
    assertEquals(sizes - 8 - (length[0] & 255 | (length[1] & 255) << 8), bytesIn);
  }

  @Test
  void eightBitFloatsInBlocks() throws IOException {
    Path model =
        dressed(
            Map.of("quant_method", "fp8", "fmt", "e4m3", "weight_block_size", List.of(128, 128)),
            (builder, name, shape) -> {
              byte[] codes = new byte[shape.get(0) * shape.get(1)];
              Random random = new Random(name.hashCode());
              for (int i = 0; i < codes.length; i++) {
                codes[i] = (byte) (random.nextInt(126) | random.nextInt(2) << 7);
              }
              List<Integer> blocks =
                  List.of(Math.ceilDiv(shape.get(0), 128), Math.ceilDiv(shape.get(1), 128));
              float[] scales = new float[blocks.get(0) * blocks.get(1)];
              for (int i = 0; i < scales.length; i++) {
                scales[i] = 0.001f * (0.5f + random.nextFloat());
              }
              builder.tensor(name + "_scale_inv", DType.F32, blocks, scales);
              builder.raw(name, "F8_E4M3", shape, codes);
              return true;
            });
    assertAsItsDequantizedWeights(model, KEPT, KEPT + "_scale_inv");
  }

  @ParameterizedTest
  @ValueSource(strings = {"autobitlinear", "bitlinear"})
  void packedTritsAreKeptEveryOne(String linearClass) throws IOException {
    Path model =
        dressed(
            Map.of(
                "quant_method",
                "bitnet",
                "linear_class",
                linearClass,
                "quantization_mode",
                "offline"),
            (builder, name, shape) -> {
              byte[] packed = new byte[shape.get(0) / 4 * shape.get(1)];
              Random random = new Random(name.hashCode());
              for (int i = 0; i < packed.length; i++) {
                for (int quarter = 0; quarter < 4; quarter++) {
                  packed[i] |= (byte) (random.nextInt(3) << 2 * quarter);
                }
              }
              // Eleven bits, more than scales have that were fitted; the other one is divided by.
              float scale = linearClass.equals("bitlinear") ? 16 : 1025 * 0x1p-14f;
              builder.tensor(name + "_scale", DType.F16, List.of(1), scale);
              builder.raw(name, "U8", List.of(shape.get(0) / 4, shape.get(1)), packed);
              return true;
            });
    double perplexity = perplexity(model);
    // Plain weights lie in a model whose modules do not round what they read.
    assertEquals(perplexity(plain(model)), perplexity, 1e-3 * perplexity);
    Path run = compress(model, "ternary");

    assertEquals(perplexity, perplexity(run), 1e-9 * perplexity);
    for (Row row : RunFiles.table(run, "layers")) {
      if (row.getAs("status").equals("ok")) {
        assertEquals("ternary", row.getAs("method"));
        assertEquals(0.0, row.<Double>getAs("weight_rel_err"));
        String reason = row.getAs("fallback_reason");
        assertTrue(reason.startsWith("is ternary already: every trit is kept"), reason);
      }
    }
    Checkpoint output = open(run.resolve("model"));
    assertEquals(List.of(80L, 160L), output.tensor(KEPT).orElseThrow().shape(), "of a kept matrix");
    assertTrue(output.tensor(KEPT + "_scale").isEmpty());
    JsonNode config = RunFiles.json(run.resolve("model/config.json")).get("quantization_config");
    assertEquals("tritmill", config.get("quant_method").textValue());
    assertEquals(linearClass, config.get("source").get("linear_class").textValue());
  }

  @Test
  void trainedWeightsBecomeTritsAndAreKeptAsTheyWere() throws IOException {
    Path model =
        dressed(
            Map.of(
                "quant_method",
                "bitnet",
                "linear_class",
                "autobitlinear",
                "quantization_mode",
                "online"),
            (builder, name, shape) -> {
              builder.random(name, DType.BF16, shape);
              return true;
            });
    double perplexity = perplexity(model);
    // Plain weights lie in a model whose modules do not round what they read.
    assertEquals(perplexity(plain(model)), perplexity, 1e-2 * perplexity);
    Path run = compress(model, "ternary");

    // The scales, means of magnitudes, are rounded to half precision.
    assertEquals(perplexity, perplexity(run), 1e-3 * perplexity);
    for (Row row : RunFiles.table(run, "layers")) {
      if (row.getAs("status").equals("ok")) {
        assertEquals("ternary", row.getAs("method"));
        assertTrue(row.<Double>getAs("weight_rel_err") < 1e-3);
      }
    }
    try (TensorReader reader = new TensorReader(storage)) {
      TensorInfo stored = open(model).tensor(KEPT).orElseThrow();
      TensorInfo kept = open(run.resolve("model")).tensor(KEPT).orElseThrow();
      assertEquals("BF16", kept.dtype());
      assertArrayEquals(
          reader.rows(stored, 0, (int) stored.rows()).values(),
          reader.rows(kept, 0, (int) kept.rows()).values());
    }
  }

  /** As models are stored that were trained to be ternary: one number, its negative, and zero. */
  @ParameterizedTest
  @ValueSource(
      strings = {"twn: {group: row}", "twn: {group: tensor}", "ptqtp: {planes: 2, group: 32}"})
  void whatIsTernaryByItselfIsKeptAndSaid(String method) throws IOException {
    Path model = directory.resolve("trained");
    SafetensorsBuilder builder = new SafetensorsBuilder();
    SafetensorsBuilder.llamaShapes(SIZES, true)
        .forEach(
            (name, shape) -> {
              if (name.endsWith("_proj.weight")) {
                Random random = new Random(name.hashCode());
                float[] values = new float[shape.get(0) * shape.get(1)];
                for (int i = 0; i < values.length; i++) {
                  values[i] = 1983 * 0x1p-16f * (random.nextInt(3) - 1); // eleven bits
                }
                builder.tensor(name, DType.F16, shape, values);
              } else {
                builder.random(name, DType.BF16, shape);
              }
            });
    builder.write(model.resolve("model.safetensors"));
    SafetensorsBuilder.writeJson(
        model.resolve("config.json"), SafetensorsBuilder.llamaConfig(SIZES, true));
    Path recipe = directory.resolve("recipe.yaml");
    Files.writeString(
        recipe, "version: 1\nname: one\nrules: [{match: '*', stages: [{%s}]}]\n".formatted(method));
    Path run = compress(model, "run");

    assertEquals(perplexity(model), perplexity(run), 1e-9 * perplexity(model));
    for (Row row : RunFiles.table(run, "layers")) {
      if (row.getAs("status").equals("ok")) {
        String reason = row.getAs("fallback_reason");
        assertTrue(reason.startsWith("no weight is changed"), reason);
      }
    }
  }
}
