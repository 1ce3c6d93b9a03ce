package io.tritmill.kernels.carrier;

/** Blocks of 256 trits before their scale, and of 64 behind it. */
final class TernaryEncoders {
  /** Bytes that are written together, and the digits in each. */
  private static final int[] PARTS = {32, 16, 4};

  private static final int[] DIGITS = {5, 5, 4};

  private TernaryEncoders() {}

  /**
   * Five digits in base 3 a byte, the first the most significant, as the least fraction of 256 that
   * has them; digit d of byte b of a part is weight d * bytes + b of it.
   */
  static void tq1(float scale, short[] integers, int from, byte[] into, int at) {
    int weight = from;
    int to = at;
    for (int part = 0; part < PARTS.length; part++) {
      int bytes = PARTS[part];
      for (int b = 0; b < bytes; b++) {
        int code = 0;
        for (int digit = 0; digit < 5; digit++) {
          int trit = digit < DIGITS[part] ? integers[weight + digit * bytes + b] + 1 : 0;
          code = 3 * code + trit;
        }
        into[to + b] = (byte) Math.ceilDiv(code * 256, 243);
      }
      weight += bytes * DIGITS[part];
      to += bytes;
    }
    IntegerEncoders.half(scale, into, to);
  }

  /** Four codes of two bits a byte: weights b, b + 32, b + 64 and b + 96 of each 128. */
  static void tq2(float scale, short[] integers, int from, byte[] into, int at) {
    for (int i = 0; i < 256; i++) {
      int b = i / 128 * 32 + i % 32;
      into[at + b] |= (byte) (integers[from + i] + 1 << 2 * (i % 128 / 32));
    }
    IntegerEncoders.half(scale, into, at + 64);
  }

  /** Four codes of two bits a byte, of weights that follow each other, behind the scale of 64. */
  static void q20(float scale, short[] integers, int from, byte[] into, int at) {
    IntegerEncoders.half(scale, into, at);
    for (int i = 0; i < 64; i++) {
      into[at + 2 + i / 4] |= (byte) (integers[from + i] + 1 << 2 * (i % 4));
    }
  }
}
