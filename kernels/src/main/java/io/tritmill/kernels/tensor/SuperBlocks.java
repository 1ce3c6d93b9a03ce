package io.tritmill.kernels.tensor;

/**
 * Blocks of 256 integers of 2 to 6 bits in runs of 16 or 32, whose scales are small integers times
 * one scale in half precision: ggml's K-quants. With least values {@code w = d s q - dmin m},
 * without {@code w = d s q}.
 */
final class SuperBlocks {
  private static final int SIZE = 256;

  private SuperBlocks() {}

  /** 16 scales and least values of 4 bits; 64 bytes of codes, four in each; two scales. */
  static void q2(byte[] source, int offset, float[] into, int at, float[] values) {
    float d = BlockDecoder.half(source, offset + 80);
    float dmin = BlockDecoder.half(source, offset + 82);
    for (int run = 0; run < SIZE / 16; run++) {
      int scales = source[offset + run];
      float step = d * (scales & 15);
      float least = dmin * (scales >> 4 & 15);
      for (int q = 0; q < 4; q++) {
        values[q] = step * q - least;
      }
      int codes = offset + 16 + pairs(run);
      int shift = shift(run);
      for (int i = 0; i < 16; i++) {
        into[at + run * 16 + i] = values[source[codes + i] >> shift & 3];
      }
    }
  }

  /** 32 bytes of third bits; 64 of lower bits; 16 signed scales of 6 bits; a scale. */
  static void q3(byte[] source, int offset, float[] into, int at, float[] values) {
    float d = BlockDecoder.half(source, offset + 108);
    int scales = offset + 96;
    for (int run = 0; run < SIZE / 16; run++) {
      int low = source[scales + run % 8] >> run / 8 * 4 & 15;
      int high = source[scales + 8 + run % 4] >> run / 4 * 2 & 3;
      float step = d * ((low | high << 4) - 32);
      for (int q = 0; q < 8; q++) {
        values[q] = step * (q - 4);
      }
      int codes = offset + 32 + pairs(run);
      int thirds = offset + run % 2 * 16;
      int shift = shift(run);
      for (int i = 0; i < 16; i++) {
        int third = source[thirds + i] >> run / 2 & 1;
        into[at + run * 16 + i] = values[source[codes + i] >> shift & 3 | third << 2];
      }
    }
  }

  /** Where the bytes of a run of two-bit codes begin: 32 bytes hold eight runs. */
  private static int pairs(int run) {
    return run / 8 * 32 + run % 2 * 16;
  }

  /** The bits of those bytes that are the run's. */
  private static int shift(int run) {
    return run % 8 / 2 * 2;
  }

  /** Two scales; 8 scales and least values of 6 bits; 128 bytes of codes. */
  static void q4(byte[] source, int offset, float[] into, int at, float[] values) {
    float d = BlockDecoder.half(source, offset);
    float dmin = BlockDecoder.half(source, offset + 2);
    for (int run = 0; run < SIZE / 32; run++) {
      float step = d * scale(source, offset + 4, run);
      float least = dmin * least(source, offset + 4, run);
      for (int q = 0; q < 16; q++) {
        values[q] = step * q - least;
      }
      int codes = offset + 16 + run / 2 * 32;
      int shift = run % 2 * 4;
      for (int i = 0; i < 32; i++) {
        into[at + run * 32 + i] = values[source[codes + i] >> shift & 15];
      }
    }
  }

  /** Two scales; 8 scales and least values of 6 bits; 32 bytes of fifth bits; 128 of lower ones. */
  static void q5(byte[] source, int offset, float[] into, int at, float[] scratch) {
    float d = BlockDecoder.half(source, offset);
    float dmin = BlockDecoder.half(source, offset + 2);
    int fifths = offset + 16;
    for (int run = 0; run < SIZE / 32; run++) {
      float step = d * scale(source, offset + 4, run);
      float least = dmin * least(source, offset + 4, run);
      int codes = offset + 48 + run / 2 * 32;
      int shift = run % 2 * 4;
      for (int i = 0; i < 32; i++) {
        int q = source[codes + i] >> shift & 15 | (source[fifths + i] >> run & 1) << 4;
        into[at + run * 32 + i] = step * q - least;
      }
    }
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
  static void q6(byte[] source, int offset, float[] into, int at, float[] scratch) {
    float d = BlockDecoder.half(source, offset + 208);
    for (int run = 0; run < SIZE / 16; run++) {
      float step = d * source[offset + 192 + run];
      int half = run / 8;
      int lower = offset + half * 64 + run % 4 * 16;
      int lowerShift = run % 8 / 4 * 4;
      int upper = offset + 128 + half * 32 + run % 2 * 16;
      int upperShift = run % 8 / 2 * 2;
      for (int i = 0; i < 16; i++) {
        int q = source[lower + i] >> lowerShift & 15 | (source[upper + i] >> upperShift & 3) << 4;
        into[at + run * 16 + i] = step * (q - 32);
      }
    }
  }
}
