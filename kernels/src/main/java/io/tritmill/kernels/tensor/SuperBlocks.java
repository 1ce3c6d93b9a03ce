package io.tritmill.kernels.tensor;

import io.tritmill.kernels.simd.PackedFields;

/**
 * Blocks of 256 integers of 2 to 6 bits in runs of 16 or 32, whose scales are small integers times
 * one scale in half precision: ggml's K-quants. With least values {@code w = d s q - dmin m},
 * without {@code w = d s q}.
 */
final class SuperBlocks {
  private static final int SIZE = 256;
  private static final int SHORT_RUNS = 16;
  private static final int LONG_RUNS = 8;

  private SuperBlocks() {}

  /** 16 scales and least values of 4 bits; 64 bytes of codes, four in each; two scales. */
  static void q2(byte[] source, int offset, float[] into, int at, BlockScratch scratch) {
    PackedFields.unpack(source, offset + 16, 2, 32, 2, scratch.codes, 0);
    float d = BlockDecoder.half(source, offset + 80);
    float dmin = BlockDecoder.half(source, offset + 82);
    for (int run = 0; run < SHORT_RUNS; run++) {
      int scales = source[offset + run];
      scratch.steps[run] = d * (scales & 15);
      scratch.least[run] = dmin * (scales >> 4 & 15);
    }
    scratch.scale(SHORT_RUNS, SIZE / SHORT_RUNS, 0, into, at);
  }

  /** 32 bytes of third bits; 64 of lower bits; 16 signed scales of 6 bits; a scale. */
  static void q3(byte[] source, int offset, float[] into, int at, BlockScratch scratch) {
    PackedFields.unpack(source, offset + 32, 2, 32, 2, scratch.codes, 0);
    PackedFields.unpackAbove(source, offset, 1, 32, 1, 2, scratch.codes, 0);
    float d = BlockDecoder.half(source, offset + 108);
    int scales = offset + 96;
    for (int run = 0; run < SHORT_RUNS; run++) {
      int low = source[scales + run % 8] >> run / 8 * 4 & 15;
      int high = source[scales + 8 + run % 4] >> run / 4 * 2 & 3;
      scratch.steps[run] = d * ((low | high << 4) - 32);
    }
    scratch.scale(SHORT_RUNS, SIZE / SHORT_RUNS, 4, into, at);
  }

  /** Two scales; 8 scales and least values of 6 bits; 128 bytes of codes. */
  static void q4(byte[] source, int offset, float[] into, int at, BlockScratch scratch) {
    PackedFields.unpack(source, offset + 16, 4, 32, 4, scratch.codes, 0);
    longRuns(source, offset, into, at, scratch);
  }

  /** Two scales; 8 scales and least values of 6 bits; 32 bytes of fifth bits; 128 of lower ones. */
  static void q5(byte[] source, int offset, float[] into, int at, BlockScratch scratch) {
    PackedFields.unpack(source, offset + 48, 4, 32, 4, scratch.codes, 0);
    PackedFields.unpackAbove(source, offset + 16, 1, 32, 1, 4, scratch.codes, 0);
    longRuns(source, offset, into, at, scratch);
  }

  private static void longRuns(
      byte[] source, int offset, float[] into, int at, BlockScratch scratch) {
    float d = BlockDecoder.half(source, offset);
    float dmin = BlockDecoder.half(source, offset + 2);
    for (int run = 0; run < LONG_RUNS; run++) {
      scratch.steps[run] = d * scale(source, offset + 4, run);
      scratch.least[run] = dmin * least(source, offset + 4, run);
    }
    scratch.scale(LONG_RUNS, SIZE / LONG_RUNS, 0, into, at);
  }

  /** The low six bits of a byte, or of the last four runs: four bits, and two of another byte. */
  private static int scale(byte[] source, int scales, int run) {
    return run < 4
        ? source[scales + run] & 63
        : source[scales + run + 4] & 15 | source[scales + run - 4] >> 2 & 48;
  }

  private static int least(byte[] source, int scales, int run) {
    return run < 4
        ? source[scales + run + 4] & 63
        : source[scales + run + 4] >> 4 & 15 | source[scales + run] >> 2 & 48;
  }

  /** 128 bytes of lower bits; 64 of the two upper ones; 16 signed scales of 8 bits; a scale. */
  static void q6(byte[] source, int offset, float[] into, int at, BlockScratch scratch) {
    PackedFields.unpack(source, offset, 2, 64, 4, scratch.codes, 0);
    PackedFields.unpackAbove(source, offset + 128, 2, 32, 2, 4, scratch.codes, 0);
    float d = BlockDecoder.half(source, offset + 208);
    for (int run = 0; run < SHORT_RUNS; run++) {
      scratch.steps[run] = d * source[offset + 192 + run];
    }
    scratch.scale(SHORT_RUNS, SIZE / SHORT_RUNS, 32, into, at);
  }
}
