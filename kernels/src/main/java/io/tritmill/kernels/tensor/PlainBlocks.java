package io.tritmill.kernels.tensor;

/**
 * Blocks of 32 integers of 4, 5 or 8 bits with one scale in half precision, and in those of the
 * second kind a least value: {@code w = d * q} or {@code w = d * q + m}.
 */
final class PlainBlocks {
  private static final int SIZE = 32;

  private PlainBlocks() {}

  /** Scale; 16 bytes of codes that stand for -8 to 7. */
  static void q40(byte[] source, int offset, float[] into, int at, float[] values) {
    float d = BlockDecoder.half(source, offset);
    for (int q = 0; q < 16; q++) {
      values[q] = d * (q - 8);
    }
    BlockDecoder.nibbles(source, offset + 2, into, at, values);
  }

  /** Scale, least value; 16 bytes of codes. */
  static void q41(byte[] source, int offset, float[] into, int at, float[] values) {
    float d = BlockDecoder.half(source, offset);
    float m = BlockDecoder.half(source, offset + 2);
    for (int q = 0; q < 16; q++) {
      values[q] = d * q + m;
    }
    BlockDecoder.nibbles(source, offset + 4, into, at, values);
  }

  /** Scale; 32 fifth bits; 16 bytes of lower bits; codes stand for -16 to 15. */
  static void q50(byte[] source, int offset, float[] into, int at, float[] scratch) {
    float d = BlockDecoder.half(source, offset);
    int high = BlockDecoder.int32(source, offset + 2);
    for (int i = 0; i < SIZE / 2; i++) {
      int codes = source[offset + 6 + i];
      into[at + i] = d * ((codes & 15 | high >> i << 4 & 16) - 16);
      into[at + 16 + i] = d * ((codes >> 4 & 15 | high >> i + 12 & 16) - 16);
    }
  }

  /** Scale, least value; 32 fifth bits; 16 bytes of lower bits. */
  static void q51(byte[] source, int offset, float[] into, int at, float[] scratch) {
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
  static void q80(byte[] source, int offset, float[] into, int at, float[] scratch) {
    float d = BlockDecoder.half(source, offset);
    for (int i = 0; i < SIZE; i++) {
      into[at + i] = source[offset + 2 + i] * d;
    }
  }
}
