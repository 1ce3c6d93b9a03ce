package io.tritmill.jobs.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.kernels.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Integers in 32-bit words, along rows and along columns. */
class PackedIntegersTest {
  private static final int ROWS = 16;
  private static final int COLUMNS = 32;

  private final Map<String, byte[]> bytes = new HashMap<>();
  private final Random random = new Random(7);

  private TensorInfo integers(String name, List<Long> shape, int[] values) {
    ByteBuffer buffer =
        ByteBuffer.allocate(values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    buffer.asIntBuffer().put(values);
    return tensor(name, "I32", shape, buffer.array());
  }

  private TensorInfo floats(String name, List<Long> shape, float[] values) {
    byte[] encoded = new byte[values.length * Float.BYTES];
    DType.F32.encode(values, 0, encoded, 0, values.length);
    return tensor(name, "F32", shape, encoded);
  }

  private TensorInfo tensor(String name, String dtype, List<Long> shape, byte[] content) {
    bytes.put(name, content);
    return new TensorInfo(name, dtype, shape, "file", 0, content.length);
  }

  private void stored(TensorInfo tensor, long first, byte[] into, int at, int count) {
    System.arraycopy(bytes.get(tensor.name()), (int) first, into, at, count);
  }

  private float[] rows(TensorInfo tensor, int first, int count) {
    byte[] found = new byte[count * COLUMNS * Float.BYTES];
    tensor
        .dress()
        .read(tensor, this::stored, (long) first * COLUMNS * Float.BYTES, found, 0, found.length);
    float[] values = new float[count * COLUMNS];
    DType.F32.decode(found, 0, values, 0, values.length);
    return values;
  }

  private float[] scales(int count) {
    float[] scales = new float[count];
    for (int i = 0; i < count; i++) {
      scales[i] = 0.5f + random.nextFloat();
    }
    return scales;
  }

  private int[][] codes(int bits) {
    int[][] codes = new int[ROWS][COLUMNS];
    for (int[] row : codes) {
      Arrays.setAll(row, c -> random.nextInt(1 << bits));
    }
    return codes;
  }

  @ParameterizedTest
  @CsvSource({"2, 8", "4, 8", "4, 32", "8, 16"})
  void alongRows(int bits, int group) {
    int[][] codes = codes(bits);
    float[] scales = scales(ROWS * COLUMNS / group);
    int perWord = Integer.SIZE / bits;
    int[] words = new int[ROWS * COLUMNS / perWord];
    float[] expected = new float[ROWS * COLUMNS];
    for (int r = 0; r < ROWS; r++) {
      for (int c = 0; c < COLUMNS; c++) {
        words[(r * COLUMNS + c) / perWord] |= codes[r][c] << c % perWord * bits;
        expected[r * COLUMNS + c] =
            (codes[r][c] - (1 << bits - 1)) * scales[(r * COLUMNS + c) / group];
      }
    }
    TensorInfo matrix =
        Dress.packedIntegers(
                "w",
                integers("packed", List.of((long) ROWS, (long) COLUMNS / perWord), words),
                floats("scale", List.of((long) ROWS, (long) COLUMNS / group), scales),
                Optional.empty(),
                bits)
            .orElseThrow();
    assertEquals(List.of((long) ROWS, (long) COLUMNS), matrix.shape());
    assertArrayEquals(expected, rows(matrix, 0, ROWS));
    assertArrayEquals(Arrays.copyOfRange(expected, 3 * COLUMNS, 5 * COLUMNS), rows(matrix, 3, 2));
    matrix.dress().requireSound(matrix, this::stored);
  }

  /** Zero points of any value, and inputs of a group that lie apart. */
  @ParameterizedTest
  @CsvSource({"4, 1, true", "4, 0, false", "8, 1, false", "2, 0, true"})
  void alongColumns(int bits, int added, boolean apart) {
    int groups = 4;
    int[][] codes = codes(bits);
    float[] scales = scales(groups * ROWS);
    int perWord = Integer.SIZE / bits;
    int[] words = new int[COLUMNS / perWord * ROWS];
    int[] zeros = new int[groups * ROWS / perWord];
    int[] zero = new int[groups * ROWS];
    for (int i = 0; i < zero.length; i++) {
      zero[i] = random.nextInt(1 << bits);
      zeros[i / perWord] |= zero[i] << i % perWord * bits;
    }
    int[] groupOf = new int[COLUMNS];
    Arrays.setAll(groupOf, c -> apart ? c % groups : c / (COLUMNS / groups));
    float[] expected = new float[ROWS * COLUMNS];
    for (int r = 0; r < ROWS; r++) {
      for (int c = 0; c < COLUMNS; c++) {
        int at = groupOf[c] * ROWS + r;
        words[c / perWord * ROWS + r] |= codes[r][c] << c % perWord * bits;
        expected[r * COLUMNS + c] = (codes[r][c] - zero[at] - added) * scales[at];
      }
    }
    TensorInfo matrix = gptq(bits, added, words, zeros, scales, apart ? groupOf : null);
    assertArrayEquals(expected, rows(matrix, 0, ROWS));
    assertArrayEquals(Arrays.copyOfRange(expected, 9 * COLUMNS, 12 * COLUMNS), rows(matrix, 9, 3));
    matrix.dress().requireSound(matrix, this::stored);
  }

  /** Outputs of a word lie in the order 0, 2, 4, 6, 1, 3, 5, 7. */
  @Test
  void outputsOfAWord() {
    int groups = 4;
    int[] order = {0, 2, 4, 6, 1, 3, 5, 7};
    int[][] codes = codes(4);
    float[] scales = scales(groups * ROWS);
    int[] words = new int[COLUMNS * ROWS / 8];
    int[] zeros = new int[groups * ROWS / 8];
    int[] zero = new int[groups * ROWS];
    Arrays.setAll(zero, i -> random.nextInt(16));
    for (int i = 0; i < 8; i++) {
      for (int w = 0; w < words.length; w++) {
        words[w] |= codes[w % (ROWS / 8) * 8 + order[i]][w / (ROWS / 8)] << 4 * i;
      }
      for (int w = 0; w < zeros.length; w++) {
        zeros[w] |= zero[w * 8 + order[i]] << 4 * i;
      }
    }
    float[] expected = new float[ROWS * COLUMNS];
    for (int r = 0; r < ROWS; r++) {
      for (int c = 0; c < COLUMNS; c++) {
        int at = c / (COLUMNS / groups) * ROWS + r;
        expected[r * COLUMNS + c] = (codes[r][c] - zero[at]) * scales[at];
      }
    }
    TensorInfo packed = integers("words", List.of((long) COLUMNS, ROWS / 8L), words);
    TensorInfo numbers = floats("scales", List.of((long) groups, (long) ROWS), scales);
    TensorInfo origins = integers("zeros", List.of((long) groups, ROWS / 8L), zeros);
    TensorInfo matrix = Dress.awq("w", packed, numbers, origins).orElseThrow();
    assertEquals(List.of((long) ROWS, (long) COLUMNS), matrix.shape());
    assertArrayEquals(expected, rows(matrix, 0, ROWS));
    assertArrayEquals(Arrays.copyOfRange(expected, 9 * COLUMNS, 12 * COLUMNS), rows(matrix, 9, 3));
    matrix.dress().requireSound(matrix, this::stored);
    assertTrue(Dress.awq("w", packed, numbers, packed).isEmpty());
  }

  private TensorInfo gptq(
      int bits, int added, int[] words, int[] zeros, float[] scales, int[] groupOf) {
    long groups = scales.length / ROWS;
    return Dress.gptq(
            "w",
            integers("words", List.of((long) words.length / ROWS, (long) ROWS), words),
            floats("scales", List.of(groups, (long) ROWS), scales),
            integers("zeros", List.of(groups, zeros.length / groups), zeros),
            Optional.ofNullable(groupOf)
                .map(of -> integers("groups", List.of((long) of.length), of)),
            bits,
            added)
        .orElseThrow();
  }

  @Test
  void aGroupThatIsNotThereIsRefused() {
    int[] groupOf = new int[COLUMNS];
    groupOf[5] = 2;
    TensorInfo matrix =
        gptq(4, 1, new int[COLUMNS / 8 * ROWS], new int[ROWS / 4], scales(2 * ROWS), groupOf);
    BadInputException refused = assertThrows(BadInputException.class, () -> rows(matrix, 0, ROWS));
    assertTrue(
        refused.getMessage().contains("tensor groups has 2 for input 5, expected one of the 2"),
        refused.getMessage());
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void aScaleThatIsNoneIsFound(float scale) {
    float[] scales = scales(ROWS);
    scales[3] = scale;
    TensorInfo matrix =
        Dress.packedIntegers(
                "w",
                integers("packed", List.of((long) ROWS, 4L), new int[ROWS * 4]),
                floats("scale", List.of((long) ROWS, 1L), scales),
                Optional.empty(),
                4)
            .orElseThrow();
    BadInputException refused =
        assertThrows(
            BadInputException.class, () -> matrix.dress().requireSound(matrix, this::stored));
    assertTrue(
        refused.getMessage().contains("tensor scale has the scale " + scale + " in row 3"),
        refused.getMessage());
  }

  @Test
  void shapesThatDoNotAgreeMakeNoMatrix() {
    TensorInfo packed = integers("packed", List.of(2L, 4L), new int[8]);
    for (List<Long> shape :
        List.of(List.of(2L, 3L), List.of(1L, 4L), List.of(2L), List.of(2L, 0L))) {
      TensorInfo scales = floats("scale", shape, new float[8]);
      assertTrue(Dress.packedIntegers("w", packed, scales, Optional.empty(), 4).isEmpty());
    }
    TensorInfo words = integers("words", List.of(4L, 16L), new int[64]);
    TensorInfo scales = floats("scales", List.of(2L, 16L), new float[32]);
    TensorInfo zeros = integers("zeros", List.of(2L, 2L), new int[4]);
    TensorInfo groups = integers("groups", List.of(32L), new int[32]);
    assertTrue(Dress.gptq("w", words, scales, zeros, Optional.of(groups), 4, 1).isPresent());
    assertTrue(Dress.gptq("w", words, scales, zeros, Optional.of(zeros), 4, 1).isEmpty());
    assertTrue(Dress.gptq("w", words, scales, groups, Optional.empty(), 4, 1).isEmpty());
    assertTrue(Dress.gptq("w", words, scales, zeros, Optional.empty(), 8, 1).isEmpty());
  }
}
