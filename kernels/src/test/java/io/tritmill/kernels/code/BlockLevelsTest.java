package io.tritmill.kernels.code;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tritmill.kernels.tensor.SuperBlock;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BlockLevelsTest {
  private static SuperBlock random(BlockLevels levels, Random random) {
    SuperBlock block = new SuperBlock();
    block.scale = Float.float16ToFloat(Float.floatToFloat16(random.nextFloat() - 0.5f));
    block.leastScale = Float.float16ToFloat(Float.floatToFloat16(random.nextFloat()));
    for (int run = 0; run < levels.runs(); run++) {
      block.scales[run] = random.nextInt(levels.lowestScale(), levels.highestScale() + 1);
      block.leasts[run] = random.nextInt(levels.highestScale() + 1);
    }
    for (int i = 0; i < SuperBlock.SIZE; i++) {
      block.codes[i] = (byte) random.nextInt(levels.top() + 1);
    }
    return block;
  }

  /** Decoders are held against other programs elsewhere: {@code BlockTypeTest}. */
  @ParameterizedTest
  @EnumSource
  void everyFieldIsWrittenWhereDecodersReadIt(BlockLevels levels) {
    Random random = new Random(1);
    Blocks blocks = levels.zeros(20, 512);
    float[] expected = new float[20 * 512];
    for (int i = 0; i < expected.length; i += levels.block()) {
      SuperBlock block = random(levels, random);
      blocks.put(i / 512, i % 512 / levels.block(), block);
      for (int c = 0; c < levels.block(); c++) {
        int run = c / levels.width();
        float w = block.scale * block.scales[run] * (block.codes[c] - levels.zero());
        expected[i + c] = levels.hasLeast() ? w - block.leastScale * block.leasts[run] : w;
        expected[i + c] += 0f; // minus zero is zero
      }
    }
    float[] found = new float[expected.length];
    blocks.decode(0, 20, found, 0);
    for (int i = 0; i < found.length; i++) {
      found[i] += 0f;
    }
    assertArrayEquals(expected, found);
    float[] some = new float[3 * 512];
    blocks.decode(7, 3, some, 0);
    for (int i = 0; i < some.length; i++) {
      some[i] += 0f;
    }
    assertArrayEquals(java.util.Arrays.copyOfRange(expected, 7 * 512, 10 * 512), some);
  }

  @Test
  void rowsThatAreNoWholeBlocksAreRefused() {
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> BlockLevels.Q4_K.zeros(2, 576));
    assertEquals("q4_k has blocks of 256 columns, found rows of 576", thrown.getMessage());
    assertEquals(2 * 576 / 32 * 20, BlockLevels.Q4_1.zeros(2, 576).bytes().length);
    assertThrows(IllegalArgumentException.class, () -> BlockLevels.Q4_1.zeros(2, 48));
  }

  @ParameterizedTest
  @EnumSource
  void scalesOfStrangersAreFinite(BlockLevels levels) {
    byte[] bytes = levels.zeros(1, 256).bytes();
    bytes[levels.scaleOffset() + 1] = 0x7c;
    assertThrows(IllegalArgumentException.class, () -> levels.packed(1, 256, List.of(bytes)));
    bytes[levels.scaleOffset() + 1] = 0;
    bytes[levels.scaleOffset() + (levels.hasLeast() ? 3 : 1)] = 0x7e;
    assertThrows(IllegalArgumentException.class, () -> levels.packed(1, 256, List.of(bytes)));
    assertThrows(IllegalArgumentException.class, () -> levels.packed(1, 256, List.of(new byte[7])));
  }

  @Test
  void blocksOfPlainIntegersAreOfNoLevels() {
    assertEquals(BlockLevels.Q6_K, BlockLevels.of("Q6_K"));
    assertThrows(IllegalArgumentException.class, () -> BlockLevels.of("Q4_0"));
  }
}
