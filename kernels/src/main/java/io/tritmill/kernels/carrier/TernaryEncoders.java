package io.tritmill.kernels.carrier;

/** Blocks of 256 trits before their scale, and of 64 behind it: codes less one are integers. */
final class TernaryEncoders {
  private TernaryEncoders() {}

  /**
   * Five digits in base 3 a byte, the first the most significant, as the least fraction of 256 that
   * has them; digit d of byte b of a part is weight d * bytes + b of it.
   */
  static void tq1(float scale, int least, byte[] codes, int from, byte[] into, int at) {
    int digit = least + 1;
    fives(digit, codes, from, 32, into, at);
    fives(digit, codes, from + 160, 16, into, at + 32);
    for (int b = 0; b < 4; b++) {
      int first = from + 240 + b;
      int high = 3 * codes[first] + codes[first + 4];
      int low = 3 * codes[first + 8] + codes[first + 12];
      into[at + 48 + b] = fraction(3 * (9 * high + low) + 120 * digit);
    }
    IntegerEncoders.half(scale, into, at + 52);
  }

  private static void fives(int digit, byte[] codes, int from, int bytes, byte[] into, int at) {
    for (int b = 0; b < bytes; b++) {
      int first = from + b;
      int high = 3 * codes[first] + codes[first + bytes];
      int low = 3 * codes[first + 2 * bytes] + codes[first + 3 * bytes];
      into[at + b] = fraction(3 * (9 * high + low) + codes[first + 4 * bytes] + 121 * digit);
    }
  }

  /** The least n with n / 256 >= code / 243; without a division, which has no vector form. */
  private static byte fraction(int code) {
    return (byte) (code + ((13 * code + 242) * 4316 >> 20));
  }

  /** Four codes of two bits a byte: weights b, b + 32, b + 64 and b + 96 of each 128. */
  static void tq2(float scale, int least, byte[] codes, int from, byte[] into, int at) {
    fours(least + 1, codes, from, into, at);
    fours(least + 1, codes, from + 128, into, at + 32);
    IntegerEncoders.half(scale, into, at + 64);
  }

  private static void fours(int digit, byte[] codes, int from, byte[] into, int at) {
    for (int b = 0; b < 32; b++) {
      int first = from + b;
      int low = codes[first] + 4 * codes[first + 32];
      int high = codes[first + 64] + 4 * codes[first + 96];
      into[at + b] = (byte) (low + 16 * high + 85 * digit);
    }
  }

  /** Four codes of two bits a byte, of weights that follow each other, behind the scale of 64. */
  static void q20(float scale, int least, byte[] codes, int from, byte[] into, int at) {
    IntegerEncoders.half(scale, into, at);
    for (int b = 0; b < 16; b++) {
      int first = from + 4 * b;
      int low = codes[first] + 4 * codes[first + 1];
      int high = codes[first + 2] + 4 * codes[first + 3];
      into[at + 2 + b] = (byte) (low + 16 * high + 85 * (least + 1));
    }
  }
}
