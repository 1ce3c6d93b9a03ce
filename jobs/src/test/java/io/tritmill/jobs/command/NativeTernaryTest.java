package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.jobs.foreign.ForeignPrograms;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models that were trained to be ternary come out with every trit and scale that they had. */
@Tag("foreign")
@ExtendWith(SharedSpark.class)
class NativeTernaryTest {
  private static final Path ROOT = Path.of(System.getProperty("tritmill.root"));
  private static final Sizes SIZES = new Sizes(64, 256, 512, 2, 4, 2);

  /** Eleven bits: as many as half precision has, and more than scales that are fitted. */
  private static final float SCALE = 1025 * 0x1p-14f;

  @RegisterExtension
  private static final ForeignPrograms TRANSFORMERS = ForeignPrograms.of("transformers");

  @TempDir private Path directory;

  private Path model(Map<String, Object> quantization, DType scaleType, float scale) {
    Path model = directory.resolve("model");
    SafetensorsBuilder builder = new SafetensorsBuilder();
    SafetensorsBuilder.llamaShapes(SIZES, true)
        .forEach(
            (name, shape) -> {
              if (!name.endsWith("_proj.weight")) {
                builder.random(name, DType.F16, shape);
              } else if (quantization.isEmpty()) {
                plain(builder, name, shape, scale);
              } else {
                packed(builder, name, shape);
                builder.tensor(name + "_scale", scaleType, List.of(1), scale);
              }
            });
    builder.write(model.resolve("model.safetensors"));
    Map<String, Object> config = SafetensorsBuilder.llamaConfig(SIZES, true);
    if (!quantization.isEmpty()) {
      config.put("quantization_config", quantization);
    }
    SafetensorsBuilder.writeJson(model.resolve("config.json"), config);
    return model;
  }

  /** A scale of its own for each row. */
  private static void plain(
      SafetensorsBuilder builder, String name, List<Integer> shape, float scale) {
    Random random = new Random(name.hashCode());
    float[] values = new float[shape.get(0) * shape.get(1)];
    for (int i = 0; i < values.length; i++) {
      int row = i / shape.get(1);
      values[i] = scale * (row % 2 + 1) * (random.nextInt(3) - 1);
    }
    builder.tensor(name, DType.F16, shape, values);
  }

  private static void packed(SafetensorsBuilder builder, String name, List<Integer> shape) {
    Random random = new Random(name.hashCode());
    byte[] packed = new byte[shape.get(0) / 4 * shape.get(1)];
    for (int i = 0; i < packed.length; i++) {
      for (int quarter = 0; quarter < 4; quarter++) {
        packed[i] |= (byte) (random.nextInt(3) << 2 * quarter);
      }
    }
    builder.raw(name, "U8", List.of(shape.get(0) / 4, shape.get(1)), packed);
  }

  private static Map<String, Object> bitnet(String linearClass) {
    return Map.of(
        "quant_method", "bitnet", "linear_class", linearClass, "quantization_mode", "offline");
  }

  private Path compress(Path model) throws IOException {
    Path recipe =
        Files.writeString(
            directory.resolve("recipe.yaml"),
            """
            version: 1
            name: ternary
            rules:
              - {match: "*.layers.*", stages: [{twn: {group: row}}]}
            """);
    Path run = directory.resolve("run");
    Invocation.of("compress", "--model", model, "--recipe", recipe, "--output", run).exits(0);
    return run;
  }

  private Invocation export(Path run, String format, String output, Object... more) {
    List<Object> line = new ArrayList<>(List.of("export", run, "--format", format));
    line.addAll(List.of("--output", directory.resolve(output)));
    line.addAll(List.of(more));
    return Invocation.of(line.toArray());
  }

  /**
   * The largest difference, by which weights of TQ2_0 there differ from those of the checkpoint.
   */
  private double difference(Path model, String linearClass)
      throws IOException, InterruptedException {
    List<Object> line = new ArrayList<>(List.of(ROOT.resolve("foreign/gguf_trits.py")));
    line.addAll(List.of(model.resolve("model.safetensors"), directory.resolve("out.gguf")));
    line.addAll(List.of(SIZES.heads(), SIZES.keyValueHeads()));
    if (linearClass.equals("bitlinear")) {
      line.add("divide");
    }
    Invocation read = TRANSFORMERS.run(directory, "python", line.toArray()).exits(0);
    JsonNode found = new ObjectMapper().readTree(read.lastLine());
    assertEquals(7 * SIZES.blocks(), found.size());
    double largest = 0;
    for (JsonNode module : found) {
      assertEquals("TQ2_0", module.get(0).asText(), read.out());
      largest = Math.max(largest, module.get(1).doubleValue());
    }
    return largest;
  }

  private double perplexity(Path model) throws IOException {
    Path data = directory.resolve("data.jsonl");
    List<Integer> ids = new Random(3).ints(40, 1, SIZES.vocabulary()).boxed().toList();
    Files.writeString(data, SafetensorsBuilder.json(Map.of("input_ids", ids)) + "\n");
    return Invocation.of("evaluate", model, "--dataset", data, "--format", "json")
        .exits(0)
        .json()
        .get("perplexity")
        .doubleValue();
  }

  @Test
  void plainWeightsOfOneMagnitudeARow() throws IOException, InterruptedException {
    Path model = model(Map.of(), DType.F16, SCALE);
    export(compress(model), "gguf:tq2_0", "out.gguf").exits(0);

    assertEquals(0, difference(model, ""));
  }

  @ParameterizedTest
  @CsvSource({"autobitlinear, F16, 0.06256103515625", "bitlinear, BF16, 16"})
  void packedTrits(String linearClass, DType type, float scale)
      throws IOException, InterruptedException {
    Path model = model(bitnet(linearClass), type, scale);
    Path run = compress(model);
    export(run, "gguf:tq2_0", "out.gguf").exits(0);

    assertEquals(0, difference(model, linearClass));
    DemoRuns.ends(export(run, "f32", "none"), 3, "export to bitnet or gguf:auto");
    DemoRuns.ends(export(run, "gguf:f16", "none.gguf"), 3, "as ggml does where matrices are trits");
    export(run, "bitnet", "bitnet").exits(0);
    assertEquals(perplexity(model), perplexity(directory.resolve("bitnet")));
  }

  /** What the run says of it, and by how much: 2^-11 of a weight at most. */
  @Test
  void aScaleThatIsNoHalfIsTheNearest() throws IOException, InterruptedException {
    Path model = model(bitnet("autobitlinear"), DType.F32, 0.1f);
    Path run = compress(model);
    for (Row row : RunFiles.table(run, "layers")) {
      if (row.getAs("status").equals("ok")) {
        String reason = row.getAs("fallback_reason");
        assertTrue(reason.contains("with its scale in half precision"), reason);
        double error = row.<Double>getAs("weight_rel_err");
        assertTrue(error > 0 && error <= 0x1p-11, () -> "error " + error);
      }
    }
    export(run, "gguf:tq2_0", "out.gguf").exits(0);

    float half = Float.float16ToFloat(Float.floatToFloat16(0.1f));
    assertEquals(Math.abs(half - 0.1f), difference(model, ""), 1e-9);
  }
}
