package io.tritmill.jobs.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.WeightRows;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** BitNet's packed trits, in both conventions of their scale. */
class PackedTritsCheckpointTest {
  private static final String NAME = "model.layers.0.mlp.up_proj.weight";
  private static final int ROWS = 36;
  private static final int COLUMNS = 7;

  @TempDir Path folder;
  private final Storage storage = new Storage(new Configuration(false));

  private Checkpoint open(SafetensorsBuilder builder, Map<String, Object> quantization) {
    builder.write(folder.resolve("model.safetensors"));
    SafetensorsBuilder.writeJson(
        folder.resolve("config.json"),
        Map.of("model_type", "bitnet", "quantization_config", quantization));
    return Checkpoint.open(storage, storage.path(folder.toString()));
  }

  private static Map<String, Object> bitnet(String linearClass) {
    Map<String, Object> quantization = new HashMap<>(Map.of("quant_method", "bitnet"));
    if (linearClass != null) {
      quantization.put("linear_class", linearClass);
      quantization.put("quantization_mode", "offline");
    }
    return quantization;
  }

  private static int[] trits() {
    return new Random(3).ints(ROWS * COLUMNS, -1, 2).toArray();
  }

  /** Row r of a quarter of the rows shares its byte with the rows a quarter further, and so on. */
  private static byte[] packed(int[] trits) {
    byte[] bytes = new byte[trits.length / 4];
    for (int i = 0; i < trits.length; i++) {
      bytes[i % bytes.length] |= (byte) (trits[i] + 1 << 2 * (i / bytes.length));
    }
    return bytes;
  }

  private static SafetensorsBuilder weights(DType type, float... scale) {
    return new SafetensorsBuilder()
        .tensor(NAME + "_scale", type, List.of(scale.length), scale)
        .raw(NAME, "U8", List.of(ROWS / 4, COLUMNS), packed(trits()));
  }

  @ParameterizedTest
  @CsvSource({"autobitlinear, 0.375", "bitlinear, 2.6666667", ", 2.6666667"})
  void tritsAreMultipliedOrDivided(String linearClass, float expected) {
    Checkpoint checkpoint = open(weights(DType.BF16, 0.375f), bitnet(linearClass));
    checkpoint.requireReadable();
    TensorInfo matrix = checkpoint.tensor(NAME).orElseThrow();
    assertEquals(List.of(matrix), checkpoint.tensors());
    assertEquals(List.of((long) ROWS, (long) COLUMNS), matrix.shape());
    assertTrue(matrix.dress().ternary());
    int[] trits = trits();
    float[] values = new float[trits.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = trits[i] * expected + 0f;
    }
    try (TensorReader reader = new TensorReader(storage)) {
      assertArrayEquals(values, reader.rows(matrix, 0, ROWS).values());
      WeightRows held = reader.held(matrix);
      assertEquals(ROWS / 4 * COLUMNS + 4, matrix.heldBytes());
      for (int first = 0; first < ROWS; first++) {
        for (int end = first; end <= ROWS; end++) {
          assertArrayEquals(
              Arrays.copyOfRange(values, first * COLUMNS, end * COLUMNS),
              reader.rows(matrix, first, end - first).values());
          float[] same = new float[(end - first) * COLUMNS + 1];
          held.decode(first, end - first, same, 1);
          assertArrayEquals(
              Arrays.copyOfRange(values, first * COLUMNS, end * COLUMNS),
              Arrays.copyOfRange(same, 1, same.length));
        }
      }
    }
  }

  private static Map<String, Object> online() {
    return Map.of(
        "quant_method", "bitnet", "quantization_mode", "online", "linear_class", "autobitlinear");
  }

  @ParameterizedTest
  @CsvSource({"12, 7", "9, 5"})
  void trainedWeightsBecomeTritsAsTheyAreRead(int rows, int columns) {
    String name = "model.layers.0.mlp.up_proj.weight";
    float[] weights = new float[rows * columns];
    Random random = new Random(5);
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      weights[i] = i % 5 == 0 ? 0.25f : random.nextInt(-40, 40) / 64f;
      sum += Math.abs(weights[i]);
    }
    Checkpoint checkpoint =
        open(
            new SafetensorsBuilder()
                .tensor("model.embed_tokens.weight", DType.F32, List.of(rows, columns), weights)
                .tensor(name, DType.BF16, List.of(rows, columns), weights),
            online());
    checkpoint.requireReadable();
    TensorInfo matrix = checkpoint.tensor(name).orElseThrow();
    TensorInfo embedding = checkpoint.tensor("model.embed_tokens.weight").orElseThrow();
    assertTrue(matrix.dress().ternary());
    assertEquals(
        List.of(2L * weights.length), matrix.parts().stream().map(TensorInfo::bytes).toList());
    float inverse = (float) (1 / (sum / weights.length));
    float[] expected = new float[weights.length];
    for (int i = 0; i < weights.length; i++) {
      float trit = Math.clamp((float) Math.rint(weights[i] * inverse), -1, 1);
      expected[i] = trit / inverse + 0f;
    }
    try (TensorReader reader = new TensorReader(storage)) {
      assertArrayEquals(weights, reader.rows(embedding, 0, rows).values());
      float[] read = reader.rows(matrix, 0, rows).values();
      float[] held = new float[read.length];
      reader.held(matrix).decode(0, rows, held, 0);
      for (int i = 0; i < read.length; i++) {
        assertEquals(expected[i], read[i] + 0f);
        assertEquals(expected[i], held[i] + 0f);
      }
      assertArrayEquals(
          Arrays.copyOfRange(read, 3 * columns, 5 * columns), reader.rows(matrix, 3, 2).values());
    }
  }

  @Test
  void aTrainedWeightThatIsNoneIsNamed() {
    float[] weights = new float[56];
    weights[7 * 5 + 3] = Float.POSITIVE_INFINITY;
    String name = "model.layers.0.mlp.up_proj.weight";
    Checkpoint checkpoint =
        open(new SafetensorsBuilder().tensor(name, DType.BF16, List.of(8, 7), weights), online());
    try (TensorReader reader = new TensorReader(storage)) {
      BadInputException refusal =
          assertThrows(
              BadInputException.class, () -> reader.held(checkpoint.tensor(name).orElseThrow()));
      assertTrue(refusal.getMessage().contains("has Infinity in row 5, column 3"));
    }
  }

  @Test
  void theFourthCodeIsNone() {
    byte[] bytes = packed(trits());
    bytes[2 * COLUMNS + 5] |= 0x30;
    Checkpoint checkpoint =
        open(
            new SafetensorsBuilder()
                .tensor(NAME + "_scale", DType.F32, List.of(1), 1)
                .raw(NAME, "U8", List.of(ROWS / 4, COLUMNS), bytes),
            bitnet("bitlinear"));
    try (TensorReader reader = new TensorReader(storage)) {
      BadInputException refusal =
          assertThrows(
              BadInputException.class,
              () -> reader.rows(checkpoint.tensor(NAME).orElseThrow(), 0, ROWS));
      assertEquals(ExitCode.BROKEN_INPUT, refusal.exitCode());
      assertTrue(
          refusal.getMessage().contains("has the code 3 in row 20, column 5, expected 0 to 2"),
          refusal.getMessage());
      BadInputException same =
          assertThrows(
              BadInputException.class, () -> reader.held(checkpoint.tensor(NAME).orElseThrow()));
      assertEquals(refusal.getMessage(), same.getMessage());
    }
  }

  static Stream<Arguments> problems() {
    SafetensorsBuilder alone =
        new SafetensorsBuilder().raw(NAME, "U8", List.of(9, 7), new byte[63]);
    return Stream.of(
        arguments(
            ExitCode.BROKEN_INPUT, "but there is no weight_scale", alone, bitnet("bitlinear")),
        arguments(
            ExitCode.BROKEN_INPUT,
            "weight_scale has shape [2], expected the one scale",
            weights(DType.F32, 1, 2),
            bitnet("bitlinear")),
        arguments(
            ExitCode.UNSUPPORTED,
            "quantization_config says bitnet",
            weights(DType.F32, 1),
            bitnet("otherlinear")),
        arguments(
            ExitCode.UNSUPPORTED,
            "quantization_config says bitnet",
            new SafetensorsBuilder().random(NAME, DType.BF16, List.of(8, 8)),
            Map.of("quant_method", "bitnet", "quantization_mode", "online")),
        arguments(
            ExitCode.UNSUPPORTED,
            "quantization_config says other",
            weights(DType.F32, 1),
            Map.of("quant_method", "other")));
  }

  @ParameterizedTest
  @MethodSource("problems")
  void whatIsNotKnownIsRefused(
      ExitCode code, String part, SafetensorsBuilder builder, Map<String, Object> quantization) {
    Checkpoint checkpoint = open(builder, quantization);
    BadInputException refusal = assertThrows(BadInputException.class, checkpoint::requireReadable);
    assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    assertEquals(code, refusal.exitCode());
  }
}
