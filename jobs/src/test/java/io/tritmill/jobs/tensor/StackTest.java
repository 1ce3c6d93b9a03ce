package io.tritmill.jobs.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.tensor.DType;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class StackTest {
  private static final String IN = "model.layers.0.mlp.experts.gate_up_proj";
  private static final String OUT = "model.layers.0.mlp.experts.down_proj";

  @TempDir Path folder;
  private final Storage storage = new Storage(new Configuration(false));

  private Checkpoint open(SafetensorsBuilder builder) {
    builder.write(folder.resolve("model.safetensors"));
    return Checkpoint.open(storage, storage.path(folder.toString()));
  }

  private Checkpoint pair(DType type, List<Integer> in, List<Integer> out) {
    return open(new SafetensorsBuilder().random(IN, type, in).random(OUT, type, out));
  }

  /** Sizes as the goldens of both layouts have them, square matrices too. */
  @ParameterizedTest
  @CsvSource({
    "16, 16, 8, 16, true", // gpt_oss: hidden 16, width 8
    "32, 64, 32, 32, true", // hidden 32, width 32
    "64, 32, 32, 32, false",
    "12, 16, 16, 6, false", // qwen3_5_moe
    "16, 16, 16, 8, false", // granitemoe
    "5, 7, 11, 13, false" // no pair
  })
  void sizesOfAPairTellWhichSideIsTheInput(int a, int b, int c, int d, boolean inputsFirst) {
    Checkpoint checkpoint = pair(DType.BF16, List.of(3, a, b), List.of(3, c, d));
    assertEquals(inputsFirst, checkpoint.stack(IN).orElseThrow().inputsFirst());
    assertEquals(inputsFirst, checkpoint.stack(OUT).orElseThrow().inputsFirst());
    List<Long> shape = inputsFirst ? List.of((long) d, (long) c) : List.of((long) c, (long) d);
    assertEquals(shape, checkpoint.tensor(OUT + "[2]").orElseThrow().shape());
    assertTrue(checkpoint.tensor(OUT + "[3]").isEmpty());
    assertTrue(checkpoint.tensor(OUT + "[-1]").isEmpty());
    assertTrue(checkpoint.tensor(OUT + "[02]").isEmpty());
    assertTrue(checkpoint.tensor(OUT + "[99999999999]").isEmpty());
  }

  @ParameterizedTest
  @EnumSource
  void anyRangeOfATransposedMatrixIsThatOfItsColumns(DType type) {
    int experts = 2;
    int hidden = 140;
    int width = 67;
    Checkpoint checkpoint =
        pair(type, List.of(experts, hidden, 2 * width), List.of(experts, width, hidden));
    Random random = new Random(5);
    try (TensorReader reader = new TensorReader(storage)) {
      TensorInfo whole = checkpoint.tensor(IN).orElseThrow();
      float[] all = reader.rows(whole, 0, experts * hidden).values();
      for (int expert = 0; expert < experts; expert++) {
        TensorInfo matrix = checkpoint.tensor(IN + "[" + expert + "]").orElseThrow();
        float[] turned = new float[2 * width * hidden];
        for (int r = 0; r < 2 * width; r++) {
          for (int c = 0; c < hidden; c++) {
            turned[r * hidden + c] = all[(expert * hidden + c) * 2 * width + r];
          }
        }
        assertArrayEquals(turned, reader.rows(matrix, 0, 2 * width).values());
        byte[] bytes = new byte[turned.length * type.bytes()];
        type.encode(turned, 0, bytes, 0, turned.length);
        assertArrayEquals(bytes, reader.encoded(matrix).bytes());
        for (int i = 0; i < 100; i++) {
          int from = random.nextInt(bytes.length);
          int count = random.nextInt(bytes.length - from + 1);
          byte[] expected = Arrays.copyOfRange(bytes, from, from + count);
          assertArrayEquals(expected, reader.bytes(matrix, from, count));
        }
      }
    }
  }

  @Test
  void moreMatricesThanAnyModelHasAreRefused() {
    Checkpoint checkpoint =
        pair(DType.F32, List.of(Stack.MOST_MATRICES + 1, 1, 1), List.of(1, 1, 1));
    BadInputException refusal =
        assertThrows(BadInputException.class, () -> checkpoint.tensor(IN + "[0]"));
    assertEquals(ExitCode.BROKEN_INPUT, refusal.exitCode());
    assertTrue(refusal.getMessage().contains("expected at most 65536 matrices"));
  }

  @Test
  void otherThreeDimensionsAreNoStacks() {
    Checkpoint checkpoint =
        open(
            new SafetensorsBuilder()
                .raw(IN, "U8", List.of(2, 3, 4), new byte[24])
                .random("empty", DType.F32, List.of(2, 0, 4))
                .random("matrix", DType.F32, List.of(3, 4)));
    for (TensorInfo tensor : checkpoint.tensors()) {
      assertTrue(checkpoint.stack(tensor.name()).isEmpty(), tensor.name());
      assertTrue(checkpoint.tensor(tensor.name() + "[0]").isEmpty(), tensor.name());
    }
  }
}
