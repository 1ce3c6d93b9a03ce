package io.tritmill.kernels.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Golden blocks and their weights: foreign/gguf_blocks.py makes them. */
class BlockTypeTest {
  private record Golden(byte[] blocks, float[] weights) {}

  private static Golden golden(BlockType type) throws IOException {
    try (InputStream in =
        BlockTypeTest.class.getResourceAsStream("blocks/" + type.name() + ".bin")) {
      byte[] all = in.readAllBytes();
      int count = all.length / (type.blockBytes() + 4 * type.blockElements());
      byte[] blocks = Arrays.copyOf(all, count * type.blockBytes());
      float[] weights = new float[count * type.blockElements()];
      assertEquals(all.length, blocks.length + 4 * weights.length);
      ByteBuffer.wrap(all, blocks.length, 4 * weights.length)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .get(weights);
      return new Golden(blocks, weights);
    }
  }

  /** NaNs are all alike: which of them comes out is the processor's. */
  private static int[] bits(float[] values, int from, int to) {
    int[] bits = new int[to - from];
    for (int i = from; i < to; i++) {
      bits[i - from] = Float.isNaN(values[i]) ? -1 : Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  @ParameterizedTest
  @EnumSource
  void everyBitIsThatOfTheReference(BlockType type) throws IOException {
    Golden golden = golden(type);
    int count = golden.weights().length;
    assertTrue(count >= 10 * type.blockElements());
    float[] decoded = new float[count];
    type.decode(golden.blocks(), 0, decoded, 0, count);
    assertArrayEquals(bits(golden.weights(), 0, count), bits(decoded, 0, count));
  }

  @ParameterizedTest
  @EnumSource
  void aRunOfBlocksIsDecodedWhereItLies(BlockType type) throws IOException {
    Golden golden = golden(type);
    int size = type.blockElements();
    byte[] shifted = new byte[golden.blocks().length + 3];
    System.arraycopy(golden.blocks(), 0, shifted, 3, golden.blocks().length);
    float[] into = new float[2 * size + 2];
    Arrays.fill(into, 7);
    type.decode(shifted, 3 + 4 * type.blockBytes(), into, 1, 2 * size);
    assertEquals(7, into[0]);
    assertEquals(7, into[2 * size + 1]);
    assertArrayEquals(bits(golden.weights(), 4 * size, 6 * size), bits(into, 1, 2 * size + 1));
  }

  @ParameterizedTest
  @EnumSource
  void rowsAreDecodedOneWithoutTheOther(BlockType type) throws IOException {
    Golden golden = golden(type);
    int columns = 2 * type.blockElements();
    int rows = golden.weights().length / columns;
    byte[] whole = Arrays.copyOf(golden.blocks(), (int) (rows * type.bytes(columns)));
    float[] row = new float[columns];
    new EncodedRows(rows, columns, type, whole).decode(2, 1, row, 0);
    assertArrayEquals(bits(golden.weights(), 2 * columns, 3 * columns), bits(row, 0, columns));
  }

  @ParameterizedTest
  @EnumSource
  void onlyWholeBlocksWithinTheArraysAreDecoded(BlockType type) {
    int size = type.blockElements();
    byte[] bytes = new byte[type.blockBytes()];
    assertThrows(
        ArithmeticException.class, () -> type.decode(bytes, 0, new float[size], 0, size - 1));
    assertThrows(
        IndexOutOfBoundsException.class, () -> type.decode(bytes, 1, new float[size], 0, size));
    assertThrows(
        IndexOutOfBoundsException.class, () -> type.decode(bytes, 0, new float[size], 1, size));
    assertThrows(ArithmeticException.class, () -> type.bytes(size + 1));
  }

  @Test
  void namesAreThoseOfFiles() {
    assertEquals(Optional.of(BlockType.Q4_K), Encoding.of("Q4_K"));
    assertEquals(Optional.of(DType.BF16), Encoding.of("BF16"));
    assertEquals(Optional.empty(), Encoding.of("q4_k"));
    assertEquals(Optional.empty(), Encoding.of("I8"));
  }
}
