package io.tritmill.kernels.tensor;

import io.tritmill.kernels.simd.PackedFields;

/** Blocks whose codes of 4 bits stand for the sixteen values of a table, not for a grid. */
final class TableBlocks {
  private static final int RUN = 32;

  /** Denser about zero: near the quantiles of a normal distribution, as integers of 8 bits. */
  private static final byte[] NON_LINEAR = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  private static final byte[] E2M1 = e2m1();

  private TableBlocks() {}

  /**
   * Twice the numbers of sign, two bits of exponent and one of mantissa, of the Open Compute
   * Project's microscaling formats; of the two zeros both are positive.
   */
  private static byte[] e2m1() {
    byte[] values = new byte[16];
    for (int code = 1; code < 8; code++) {
      int exponent = code >> 1;
      int mantissa = code & 1;
      values[code] = (byte) (exponent == 0 ? mantissa : (2 + mantissa) << exponent - 1);
      values[code + 8] = (byte) -values[code];
    }
    return values;
  }

  /** Scale; 16 bytes of codes. */
  static void iq4nl(byte[] source, int offset, float[] into, int at, BlockScratch scratch) {
    scratch.steps[0] = BlockDecoder.half(source, offset);
    decode(source, offset + 2, 1, NON_LINEAR, into, at, scratch);
  }

  /** Scale; 8 upper halves and 8 lower halves of signed scales of 6 bits; 128 bytes of codes. */
  static void iq4xs(byte[] source, int offset, float[] into, int at, BlockScratch scratch) {
    float d = BlockDecoder.half(source, offset);
    int upper = BlockDecoder.int32(source, offset) >>> 16;
    for (int run = 0; run < 8; run++) {
      int low = source[offset + 4 + run / 2] >> run % 2 * 4 & 15;
      scratch.steps[run] = d * ((low | (upper >> run * 2 & 3) << 4) - 32);
    }
    decode(source, offset + 8, 8, NON_LINEAR, into, at, scratch);
  }

  /** A power of two, of which a byte is the exponent; 16 bytes of codes. */
  static void mxfp4(byte[] source, int offset, float[] into, int at, BlockScratch scratch) {
    int exponent = Byte.toUnsignedInt(source[offset]);
    // Half of 2^(e - 127), as the table is twice its values; the two smallest are subnormal.
    int bits = exponent < 2 ? 0x00200000 << exponent : exponent - 1 << 23;
    scratch.steps[0] = Float.intBitsToFloat(bits);
    decode(source, offset + 1, 1, E2M1, into, at, scratch);
  }

  private static void decode(
      byte[] source,
      int codes,
      int runs,
      byte[] table,
      float[] into,
      int at,
      BlockScratch scratch) {
    PackedFields.unpack(source, codes, runs, RUN / 2, 4, scratch.codes, 0);
    PackedFields.lookUp(table, scratch.codes, 0, runs * RUN);
    scratch.scale(runs, RUN, 0, into, at);
  }
}
