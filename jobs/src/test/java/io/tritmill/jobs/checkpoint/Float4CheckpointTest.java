package io.tritmill.jobs.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Experts of 4-bit floats are read with their exponents, and never without. */
class Float4CheckpointTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/gpt_oss-mxfp4");
  private static final String NAME = "model.layers.0.mlp.experts.down_proj";
  private static final double[] VALUES = {0, 0.5, 1, 1.5, 2, 3, 4, 6};

  @TempDir Path folder;
  private final Storage storage = new Storage(new Configuration(false));

  private Checkpoint open(Path model) {
    return Checkpoint.open(storage, storage.path(model.toAbsolutePath().toString()));
  }

  private Checkpoint written(SafetensorsBuilder builder) {
    builder.write(folder.resolve("model.safetensors"));
    return open(folder);
  }

  /** By the words of the format: two values a byte, the low four bits first. */
  private static float[] decoded(byte[] codes, byte[] exponents) {
    float[] values = new float[2 * codes.length];
    for (int i = 0; i < values.length; i++) {
      int code = codes[i / 2] >> 4 * (i % 2) & 15;
      double value = VALUES[code & 7] * (code < 8 ? 1 : -1);
      values[i] = (float) (value * Math.pow(2, (exponents[i / 32] & 255) - 127)) + 0f;
    }
    return values;
  }

  private void assertDecoded(Checkpoint checkpoint, TensorInfo codes, TensorInfo exponents) {
    String name = codes.name().replace("_blocks", "");
    TensorInfo whole = checkpoint.tensor(name).orElseThrow();
    long experts = codes.shape().get(0);
    long rows = codes.shape().get(1);
    long columns = 32 * codes.shape().get(2);
    assertEquals(List.of(experts, rows, columns), whole.shape());
    assertFalse(checkpoint.stack(name).orElseThrow().inputsFirst());
    try (TensorReader reader = new TensorReader(storage)) {
      float[] all =
          decoded(
              reader.bytes(codes, 0, (int) codes.bytes()),
              reader.bytes(exponents, 0, (int) exponents.bytes()));
      int size = (int) (rows * columns);
      for (int expert = 0; expert < experts; expert++) {
        TensorInfo matrix = checkpoint.tensor(name + "[" + expert + "]").orElseThrow();
        assertEquals(List.of(rows, columns), matrix.shape());
        float[] expected = Arrays.copyOfRange(all, expert * size, (expert + 1) * size);
        assertArrayEquals(expected, reader.rows(matrix, 0, (int) rows).values());
        assertArrayEquals(
            Arrays.copyOfRange(expected, (int) columns, 3 * (int) columns),
            reader.rows(matrix, 1, 2).values());
        float[] held = new float[size];
        reader.encoded(matrix).decode(0, (int) rows, held, 0);
        assertArrayEquals(expected, held);
      }
      assertArrayEquals(all, reader.rows(whole, 0, (int) (experts * rows)).values());
    }
  }

  @Test
  void thoseOfAPublishedLayoutAreTheirNumbers() {
    Checkpoint checkpoint = open(GOLDEN);
    checkpoint.requireReadable();
    SafetensorsHeader header =
        SafetensorsHeader.read(
            storage, storage.path(GOLDEN.resolve("model.safetensors").toAbsolutePath() + ""));
    int found = 0;
    for (TensorInfo codes : header.tensors()) {
      if (codes.name().endsWith("_blocks")) {
        String scales = codes.name().replace("_blocks", "_scales");
        TensorInfo exponents =
            header.tensors().stream()
                .filter(t -> t.name().equals(scales))
                .findFirst()
                .orElseThrow();
        assertDecoded(checkpoint, codes, exponents);
        found++;
      }
    }
    assertEquals(4, found);
    assertEquals(header.tensors().size() - found, checkpoint.tensors().size());
  }

  @Test
  void severalBlocksARowAndAllExponentsThatAreNumbers() {
    byte[] codes = new byte[4 * 21 * 3 * 16];
    byte[] exponents = new byte[4 * 21 * 3];
    new Random(7).nextBytes(codes);
    for (int i = 0; i < exponents.length; i++) {
      exponents[i] = (byte) i;
    }
    SafetensorsBuilder builder =
        new SafetensorsBuilder()
            .raw(NAME + "_blocks", "U8", List.of(4, 21, 3, 16), codes)
            .raw(NAME + "_scales", "U8", List.of(4, 21, 3), exponents);
    Checkpoint checkpoint = written(builder);
    List<TensorInfo> stored =
        SafetensorsHeader.read(storage, storage.path(folder + "/model.safetensors")).tensors();
    assertDecoded(checkpoint, stored.get(0), stored.get(1));
  }

  private static Arguments row(ExitCode code, String part, SafetensorsBuilder builder) {
    return arguments(code, part, builder);
  }

  private static SafetensorsBuilder codes(Integer... shape) {
    int bytes = Stream.of(shape).reduce(1, Math::multiplyExact);
    return new SafetensorsBuilder().raw(NAME + "_blocks", "U8", List.of(shape), new byte[bytes]);
  }

  static Stream<Arguments> problems() {
    ExitCode broken = ExitCode.BROKEN_INPUT;
    return Stream.of(
        row(broken, "there is no " + NAME + "_scales", codes(2, 3, 2, 16)),
        row(
            broken,
            "has shape [2, 2, 3], but the codes of shape [2, 3, 2, 16] need",
            codes(2, 3, 2, 16).raw(NAME + "_scales", "U8", List.of(2, 2, 3), new byte[12])),
        row(
            broken,
            "has shape [12], but the codes",
            codes(2, 3, 2, 16).raw(NAME + "_scales", "U8", List.of(12), new byte[12])),
        row(
            broken,
            "has dtype I8, expected the exponents of",
            codes(2, 3, 2, 16).raw(NAME + "_scales", "I8", List.of(2, 3, 2), new byte[12])),
        row(
            ExitCode.UNSUPPORTED,
            "_blocks is of mxfp4",
            codes(2, 3, 32).raw(NAME + "_scales", "U8", List.of(2, 3, 2), new byte[12])),
        row(
            ExitCode.UNSUPPORTED,
            "_blocks is of mxfp4",
            codes(2, 3, 2, 16)
                .raw(NAME + "_scales", "U8", List.of(2, 3, 2), new byte[12])
                .raw(NAME, "F32", List.of(1), new byte[4])));
  }

  @ParameterizedTest
  @MethodSource("problems")
  void withoutAllTheirExponentsTheyAreRefused(
      ExitCode code, String part, SafetensorsBuilder builder) {
    Checkpoint checkpoint = written(builder);
    BadInputException refusal = assertThrows(BadInputException.class, checkpoint::requireReadable);
    assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    assertEquals(code, refusal.exitCode());
  }
}
