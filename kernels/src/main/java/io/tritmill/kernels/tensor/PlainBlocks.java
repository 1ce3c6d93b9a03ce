package io.tritmill.kernels.tensor;

import io.tritmill.kernels.simd.PackedFields;

/**
 * Blocks of 32 integers of 4, 5 or 8 bits with one scale in half precision, and in those of the
 * second kind a least value: {@code w = d * q} or {@code w = d * q + m}.
 */
final class PlainBlocks {
  private static final int SIZE = 32;

  private PlainBlocks() {}

  /** Scale; 16 bytes of codes that stand for -8 to 7. */
  static void q40(byte[] source, int offset, float[] into, int at, BlockScratch scratch) {
    PackedFields.unpack(source, offset + 2, 1, SIZE / 2, 4, scratch.codes, 0);
    scratch.steps[0] = BlockDecoder.half(source, offset);
    scratch.scale(1, SIZE, 8, into, at);
  }

  /** Scale, least value; 16 bytes of codes. */
  static void q41(byte[] source, int offset, float[] into, int at, BlockScratch scratch) {
    PackedFields.unpack(source, offset + 4, 1, SIZE / 2, 4, scratch.codes, 0);
    scratch.steps[0] = BlockDecoder.half(source, offset);
    scratch.least[0] = -BlockDecoder.half(source, offset + 2);
    scratch.scale(1, SIZE, 0, into, at);
  }

  /** Scale; 32 fifth bits; 16 bytes of lower bits; codes stand for -16 to 15. */
  static void q50(byte[] source, int offset, float[] into, int at, BlockScratch scratch) {
    float d = BlockDecoder.half(source, offset);
    int high = BlockDecoder.int32(source, offset + 2);
    for (int i = 0; i < SIZE / 2; i++) {
      int codes = source[offset + 6 + i];
      into[at + i] = d * ((codes & 15 | high >> i << 4 & 16) - 16);
      into[at + 16 + i] = d * ((codes >> 4 & 15 | high >> i + 12 & 16) - 16);
    }
  }

  /** Scale, least value; 32 fifth bits; 16 bytes of lower bits. */
  static void q51(byte[] source, int offset, float[] into, int at, BlockScratch scratch) {
    float d = BlockDecoder.half(source, offset);
    float m = BlockDecoder.half(source, offset + 2);
    int high = BlockDecoder.int32(source, offset + 4);
    for (int i = 0; i < SIZE / 2; i++) {
      int codes = source[offset + 8 + i];
      into[at + i] = d * (codes & 15 | high >> i << 4 & 16) + m;
      into[at + 16 + i] = d * (codes >> 4 & 15 | high >> i + 12 & 16) + m;
    }
  }

  /** Scale; 32 signed bytes. */
  static void q80(byte[] source, int offset, float[] into, int at, BlockScratch scratch) {
    scratch.steps[0] = BlockDecoder.half(source, offset);
    PackedFields.scale(source, offset + 2, 1, SIZE, 0, scratch.steps, scratch.least, into, at);
  }
}
