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
    fours(integers, from, into, at);
    fours(integers, from + 128, into, at + 32);
    IntegerEncoders.half(scale, into, at + 64);
  }

  private static void fours(short[] integers, int from, byte[] into, int at) {
    for (int b = 0; b < 32; b++) {
      int low = integers[from + b] + 1 | integers[from + 32 + b] + 1 << 2;
      int high = integers[from + 64 + b] + 1 | integers[from + 96 + b] + 1 << 2;
      into[at + b] = (byte) (low | high << 4);
    }
  }

  /** Four codes of two bits a byte, of weights that follow each other, behind the scale of 64. */
  static void q20(float scale, short[] integers, int from, byte[] into, int at) {
    IntegerEncoders.half(scale, into, at);
    for (int b = 0; b < 16; b++) {
      int first = from + 4 * b;
      int low = integers[first] + 1 | integers[first + 1] + 1 << 2;
      int high = integers[first + 2] + 1 | integers[first + 3] + 1 << 2;
      into[at + 2 + b] = (byte) (low | high << 4);
    }
  }
}
