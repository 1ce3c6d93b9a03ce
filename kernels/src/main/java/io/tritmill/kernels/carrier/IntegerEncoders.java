package io.tritmill.kernels.carrier;

/** Blocks of 32 integers of 4, 5 or 8 bits, behind their scale. */
final class IntegerEncoders {
  private static final int HALF = 16;

  private IntegerEncoders() {}

  /** Weights i and i + 16 share byte i, the first of them in its lower bits. */
  static void q40(float scale, int least, byte[] codes, int from, byte[] into, int at) {
    half(scale, into, at);
    int first = least + 8;
    for (int i = 0; i < HALF; i++) {
      int low = codes[from + i];
      int high = codes[from + HALF + i];
      into[at + 2 + i] = (byte) (low + 16 * high + 17 * first);
    }
  }

  /** As for four bits; the fifth ones stand together before them. */
  static void q50(float scale, int least, byte[] codes, int from, byte[] into, int at) {
    half(scale, into, at);
    int first = least + 16;
    for (int i = 0; i < HALF; i++) {
      int low = codes[from + i] + first;
      int high = codes[from + HALF + i] + first;
      into[at + 6 + i] = (byte) (low & 15 | high << 4);
    }
    int fifths = 0;
    for (int i = 0; i < 2 * HALF; i++) {
      fifths |= (codes[from + i] + first >> 4) << i;
    }
    for (int b = 0; b < Integer.BYTES; b++) {
      into[at + 2 + b] = (byte) (fifths >>> Byte.SIZE * b);
    }
  }

  static void q80(float scale, int least, byte[] codes, int from, byte[] into, int at) {
    half(scale, into, at);
    for (int i = 0; i < 2 * HALF; i++) {
      into[at + 2 + i] = (byte) (codes[from + i] + least);
    }
  }

  static void half(float scale, byte[] into, int at) {
    short bits = Float.floatToFloat16(scale);
    into[at] = (byte) bits;
    into[at + 1] = (byte) (bits >>> Byte.SIZE);
  }
}
