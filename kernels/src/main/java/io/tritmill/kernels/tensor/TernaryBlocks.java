package io.tritmill.kernels.tensor;

import io.tritmill.kernels.simd.PackedFields;

/** Blocks of 256 trits with one scale in half precision behind them, or of 64 with it in front. */
final class TernaryBlocks {
  private static final int SIZE = 256;

  /** Bytes of a block that are read together, and the digits in each. */
  private static final int[] PARTS = {32, 16, 4};

  private static final int[] DIGITS = {5, 5, 4};

  private TernaryBlocks() {}

  /**
   * Five trits a byte: 32 bytes hold the first 160 trits, 16 the next 80, and 4 the last 16, four
   * to a byte. A byte is a fraction of 256 whose digits in base 3 are the codes, the first of them
   * the most significant.
   *
   * <p>One call in a loop, not three: the compiler gives up inlining vectors behind the second.
   */
  static void tq1(byte[] source, int offset, float[] into, int at, BlockScratch scratch) {
    int from = offset;
    int to = 0;
    for (int part = 0; part < PARTS.length; part++) {
      PackedFields.unpackTernary(source, from, PARTS[part], DIGITS[part], scratch.codes, to);
      from += PARTS[part];
      to += PARTS[part] * DIGITS[part];
    }
    scratch.steps[0] = BlockDecoder.half(source, offset + 52);
    scratch.scale(1, SIZE, 1, into, at);
  }

  /** 64 bytes of four codes each, of which the fourth value is no trit, but two scales. */
  static void tq2(byte[] source, int offset, float[] into, int at, BlockScratch scratch) {
    PackedFields.unpack(source, offset, 2, 32, 2, scratch.codes, 0);
    scratch.steps[0] = BlockDecoder.half(source, offset + 64);
    scratch.scale(1, SIZE, 1, into, at);
  }

  /** A scale, and 16 bytes of four codes that follow each other, for 64 of -1, 0, 1 and 2. */
  static void q20(byte[] source, int offset, float[] into, int at, BlockScratch scratch) {
    PackedFields.unpack(source, offset + 2, 16, 1, 2, scratch.codes, 0);
    scratch.steps[0] = BlockDecoder.half(source, offset);
    scratch.scale(1, 64, 1, into, at);
  }
}
