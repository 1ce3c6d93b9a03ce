package io.tritmill.kernels.carrier;

import io.tritmill.kernels.tensor.BlockType;
import io.tritmill.kernels.tensor.SuperBlock;
import java.util.Arrays;

/** Blocks of runs, all of them with one scale. */
final class RunEncoders {
  private RunEncoders() {}

  static void q2(float scale, int least, byte[] codes, int from, byte[] into, int at) {
    multiples(BlockType.Q2_K, scale, least, codes, from, into, at);
  }

  static void q3(float scale, int least, byte[] codes, int from, byte[] into, int at) {
    block(BlockType.Q3_K, scale, least + 4, codes, from).write(BlockType.Q3_K, into, at);
  }

  static void q4(float scale, int least, byte[] codes, int from, byte[] into, int at) {
    multiples(BlockType.Q4_K, scale, least, codes, from, into, at);
  }

  static void q5(float scale, int least, byte[] codes, int from, byte[] into, int at) {
    multiples(BlockType.Q5_K, scale, least, codes, from, into, at);
  }

  static void q6(float scale, int least, byte[] codes, int from, byte[] into, int at) {
    block(BlockType.Q6_K, scale, least + 32, codes, from).write(BlockType.Q6_K, into, at);
  }

  static void q41(float scale, int least, byte[] codes, int from, byte[] into, int at) {
    value(BlockType.Q4_1, scale, least, codes, from, into, at);
  }

  static void q51(float scale, int least, byte[] codes, int from, byte[] into, int at) {
    value(BlockType.Q5_1, scale, least, codes, from, into, at);
  }

  /** Least values that are multiples of the scale. */
  private static void multiples(
      BlockType type, float scale, int least, byte[] codes, int from, byte[] into, int at) {
    SuperBlock block = block(type, scale, 0, codes, from);
    block.leastScale = scale;
    Arrays.fill(block.leasts, -least);
    block.write(type, into, at);
  }

  /** A least value that is a number of its own. */
  private static void value(
      BlockType type, float scale, int least, byte[] codes, int from, byte[] into, int at) {
    SuperBlock block = block(type, scale, 0, codes, from);
    block.leastScale = -(scale * least);
    block.leasts[0] = 1;
    block.write(type, into, at);
  }

  /** Its scale, and codes, of which those here begin with the first. */
  private static SuperBlock block(BlockType type, float scale, int first, byte[] codes, int from) {
    SuperBlock block = new SuperBlock();
    block.scale = scale;
    Arrays.fill(block.scales, 1);
    for (int i = 0; i < type.blockElements(); i++) {
      block.codes[i] = (byte) (codes[from + i] + first);
    }
    return block;
  }
}
