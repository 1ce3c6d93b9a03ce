package io.tritmill.kernels.tensor;

/** Blocks whose codes of 4 bits stand for the sixteen values of a table, not for a grid. */
final class TableBlocks {
  private static final int RUN = 32;

  /** Denser about zero: near the quantiles of a normal distribution, as integers of 8 bits. */
  private static final float[] NON_LINEAR = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  private static final float[] E2M1 = e2m1();

  private TableBlocks() {}

  /**
   * Twice the numbers of sign, two bits of exponent and one of mantissa, of the Open Compute
   * Project's microscaling formats; of the two zeros both are positive.
   */
  private static float[] e2m1() {
    float[] values = new float[16];
    for (int code = 1; code < 8; code++) {
      int exponent = code >> 1;
      int mantissa = code & 1;
      values[code] = exponent == 0 ? mantissa : (2 + mantissa) << exponent - 1;
      values[code + 8] = -values[code];
    }
    return values;
  }

  /** Scale; 16 bytes of codes. */
  static void iq4nl(byte[] source, int offset, float[] into, int at, float[] values) {
    decode(source, offset + 2, BlockDecoder.half(source, offset), NON_LINEAR, into, at, values);
  }

  /** Scale; 8 upper halves and 8 lower halves of signed scales of 6 bits; 128 bytes of codes. */
  static void iq4xs(byte[] source, int offset, float[] into, int at, float[] values) {
    float d = BlockDecoder.half(source, offset);
    int upper = BlockDecoder.int32(source, offset) >>> 16;
    for (int run = 0; run < 8; run++) {
      int low = source[offset + 4 + run / 2] >> run % 2 * 4 & 15;
      float step = d * ((low | (upper >> run * 2 & 3) << 4) - 32);
      decode(source, offset + 8 + run * 16, step, NON_LINEAR, into, at + run * RUN, values);
    }
  }

  /** A power of two, of which a byte is the exponent; 16 bytes of codes. */
  static void mxfp4(byte[] source, int offset, float[] into, int at, float[] values) {
    int exponent = Byte.toUnsignedInt(source[offset]);
    // Half of 2^(e - 127), as the table is twice its values; the two smallest are subnormal.
    int bits = exponent < 2 ? 0x00200000 << exponent : exponent - 1 << 23;
    decode(source, offset + 1, Float.intBitsToFloat(bits), E2M1, into, at, values);
  }

  private static void decode(
      byte[] source, int codes, float scale, float[] table, float[] into, int at, float[] values) {
    for (int code = 0; code < 16; code++) {
      values[code] = scale * table[code];
    }
    BlockDecoder.nibbles(source, codes, into, at, values);
  }
}
