package io.tritmill.kernels.tensor;

/** Blocks of 256 trits with one scale in half precision behind them. */
final class TernaryBlocks {
  private TernaryBlocks() {}

  /**
   * Five trits a byte: 32 bytes hold the first 160 trits, 16 the next 80, and 4 the last 16, four
   * to a byte. A byte is a fraction of 256 whose digits in base 3 are the codes, the first of them
   * the most significant.
   */
  static void tq1(byte[] source, int offset, float[] into, int at, float[] values) {
    fill(BlockDecoder.half(source, offset + 52), values);
    digits(source, offset, 32, 5, into, at, values);
    digits(source, offset + 32, 16, 5, into, at + 160, values);
    digits(source, offset + 48, 4, 4, into, at + 240, values);
  }

  private static void digits(
      byte[] source, int offset, int bytes, int digits, float[] into, int at, float[] values) {
    int power = 1;
    for (int digit = 0; digit < digits; digit++) {
      for (int i = 0; i < bytes; i++) {
        int rest = source[offset + i] * power & 255;
        into[at + digit * bytes + i] = values[rest * 3 >> 8];
      }
      power *= 3;
    }
  }

  /** 64 bytes of four codes each, of which the fourth value is no trit, but two scales. */
  static void tq2(byte[] source, int offset, float[] into, int at, float[] values) {
    fill(BlockDecoder.half(source, offset + 64), values);
    for (int run = 0; run < 8; run++) {
      int codes = offset + run / 4 * 32;
      int shift = run % 4 * 2;
      for (int i = 0; i < 32; i++) {
        into[at + run * 32 + i] = values[source[codes + i] >> shift & 3];
      }
    }
  }

  private static void fill(float d, float[] values) {
    for (int code = 0; code < 4; code++) {
      values[code] = d * (code - 1);
    }
  }
}
