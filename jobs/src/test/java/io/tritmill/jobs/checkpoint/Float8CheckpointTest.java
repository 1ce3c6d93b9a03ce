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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Matrices of 8-bit floats are read with their scales, and never without. */
class Float8CheckpointTest {
  private static final String NAME = "model.layers.0.mlp.up_proj.weight";
  private static final int ROWS = 200;
  private static final int COLUMNS = 300;

  @TempDir Path folder;
  private final Storage storage = new Storage(new Configuration(false));

  private Checkpoint open(SafetensorsBuilder builder) {
    builder.write(folder.resolve("model.safetensors"));
    return Checkpoint.open(storage, storage.path(folder.toString()));
  }

  private static byte[] codes() {
    byte[] codes = new byte[ROWS * COLUMNS];
    new Random(3).nextBytes(codes);
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (codes[i] & 127) == 127 ? 0 : codes[i];
    }
    return codes;
  }

  private static double value(byte code) {
    int exponent = code >> 3 & 15;
    double mantissa = (code & 7) / 8.0;
    double value =
        exponent == 0 ? mantissa * Math.pow(2, -6) : (1 + mantissa) * Math.pow(2, exponent - 7);
    return code < 0 ? -value : value;
  }

  /** Shapes of scales, and how many rows and columns share one. */
  static Stream<Arguments> scales() {
    return Stream.of(
        arguments("_scale_inv", DType.F32, List.of(2, 3), 128, 128),
        arguments("_scale_inv", DType.BF16, List.of(2, 3), 128, 128),
        arguments("_scale", DType.BF16, List.of(ROWS, 1), 1, COLUMNS),
        arguments("_scale", DType.F32, List.of(ROWS), 1, COLUMNS),
        arguments("_scale", DType.F32, List.of(1), ROWS, COLUMNS),
        arguments("_scale", DType.F16, List.of(), ROWS, COLUMNS),
        arguments("_scale_inv", DType.F32, List.of(), ROWS, COLUMNS));
  }

  @ParameterizedTest
  @MethodSource("scales")
  void valuesAreTimesTheirScales(
      String ending, DType type, List<Integer> shape, int blockRows, int blockColumns) {
    byte[] codes = codes();
    Checkpoint checkpoint =
        open(
            new SafetensorsBuilder()
                .random(NAME + ending, type, shape)
                .raw(NAME, "F8_E4M3", List.of(ROWS, COLUMNS), codes));
    TensorInfo raw =
        SafetensorsHeader.read(storage, storage.path(folder + "/model.safetensors"))
            .tensors()
            .getFirst();
    assertEquals(NAME + ending, raw.name());
    TensorInfo matrix = checkpoint.tensor(NAME).orElseThrow();
    assertEquals(List.of(matrix), checkpoint.tensors());
    assertEquals("F8_E4M3", matrix.dtype());
    float[] expected = new float[ROWS * COLUMNS];
    try (TensorReader reader = new TensorReader(storage)) {
      float[] factors = reader.rows(raw, 0, (int) raw.rows()).values();
      int perRow = (COLUMNS + blockColumns - 1) / blockColumns;
      for (int i = 0; i < expected.length; i++) {
        float scale = factors[i / COLUMNS / blockRows * perRow + i % COLUMNS / blockColumns];
        expected[i] = (float) value(codes[i]) * scale;
      }
      assertArrayEquals(expected, reader.rows(matrix, 0, ROWS).values());
      assertArrayEquals(
          Arrays.copyOfRange(expected, 130 * COLUMNS, 137 * COLUMNS),
          reader.rows(matrix, 130, 7).values());
      float[] held = new float[3 * COLUMNS];
      reader.encoded(matrix).decode(127, 3, held, 0);
      assertArrayEquals(Arrays.copyOfRange(expected, 127 * COLUMNS, 130 * COLUMNS), held);
      Arrays.fill(held, 0);
      reader.held(matrix).decode(127, 3, held, 0);
      assertArrayEquals(Arrays.copyOfRange(expected, 127 * COLUMNS, 130 * COLUMNS), held);
      assertEquals(codes.length + 4 * factors.length, matrix.heldBytes());
      byte[] bytes = new byte[4 * expected.length];
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(expected);
      Random random = new Random(1);
      for (int i = 0; i < 100; i++) {
        int from = random.nextInt(bytes.length);
        int count = random.nextInt(bytes.length - from);
        assertArrayEquals(
            Arrays.copyOfRange(bytes, from, from + count), reader.bytes(matrix, from, count));
      }
    }
  }

  @Test
  void aNumberThatIsNoneIsNamed() {
    byte[] codes = codes();
    codes[7 * COLUMNS + 11] = 127;
    Checkpoint checkpoint =
        open(
            new SafetensorsBuilder()
                .random(NAME + "_scale", DType.F32, List.of(1))
                .raw(NAME, "F8_E4M3", List.of(ROWS, COLUMNS), codes));
    try (TensorReader reader = new TensorReader(storage)) {
      BadInputException refusal =
          assertThrows(
              BadInputException.class, () -> reader.encoded(checkpoint.tensor(NAME).orElseThrow()));
      assertTrue(refusal.getMessage().contains("has NaN in row 7, column 11"));
      BadInputException same =
          assertThrows(
              BadInputException.class, () -> reader.held(checkpoint.tensor(NAME).orElseThrow()));
      assertEquals(refusal.getMessage(), same.getMessage());
    }
  }

  static Stream<Arguments> problems() {
    return Stream.of(
        arguments(
            "tensor " + NAME + " is of dtype F8_E4M3, but there is neither weight_scale_inv nor",
            Map.of()),
        arguments("has shape [3, 2], expected one scale", Map.of("_scale_inv", List.of(3, 2))),
        arguments("has shape [1, 200], expected one", Map.of("_scale", List.of(1, ROWS))),
        arguments("has shape [0], expected one", Map.of("_scale", List.of(0))),
        arguments("has shape [300], expected one", Map.of("_scale", List.of(COLUMNS))));
  }

  @ParameterizedTest
  @MethodSource("problems")
  void withoutAllItsScalesItIsRefused(String part, Map<String, List<Integer>> scales) {
    SafetensorsBuilder builder =
        new SafetensorsBuilder().raw(NAME, "F8_E4M3", List.of(ROWS, COLUMNS), codes());
    scales.forEach((ending, shape) -> builder.random(NAME + ending, DType.F32, shape));
    assertRefused(ExitCode.BROKEN_INPUT, part, builder);
  }

  @Test
  void scalesAreFloats() {
    assertRefused(
        ExitCode.BROKEN_INPUT,
        "weight_scale_inv has dtype U8, expected scales of one of [F32, F16, BF16]",
        new SafetensorsBuilder()
            .raw(NAME + "_scale_inv", "U8", List.of(2, 3), new byte[6])
            .raw(NAME, "F8_E4M3", List.of(ROWS, COLUMNS), codes()));
  }

  @Test
  void scalesOfTwoKindsAreRefused() {
    assertRefused(
        ExitCode.UNSUPPORTED,
        "weight_scale is of fp8 or compressed-tensors",
        new SafetensorsBuilder()
            .random(NAME + "_scale_inv", DType.F32, List.of(2, 3))
            .random(NAME + "_scale", DType.F32, List.of(1))
            .raw(NAME, "F8_E4M3", List.of(ROWS, COLUMNS), codes()));
  }

  private void assertRefused(ExitCode code, String part, SafetensorsBuilder builder) {
    Checkpoint checkpoint = open(builder);
    BadInputException refusal = assertThrows(BadInputException.class, checkpoint::requireReadable);
    assertEquals(code, refusal.exitCode());
    assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
  }
}
