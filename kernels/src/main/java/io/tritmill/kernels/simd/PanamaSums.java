package io.tritmill.kernels.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * From sums in pairs of bytes to sums in ints and floats, for the kernels of trits.
 *
 * <p>The byte lanes of a block, four to an int lane, take its rows so that widening needs no
 * permutation: {@link #laneOf}.
 */
final class PanamaSums {
  private PanamaSums() {}

  /** The byte lane of a row: each quarter of the rows takes every fourth lane. */
  static int laneOf(int row, int rows) {
    return row % (rows / 4) * 4 + row / (rows / 4);
  }

  /**
   * Widens 16-bit sums and writes them, or adds them to what is there.
   *
   * @param even sums of byte lanes 0 and 2 of each four
   * @param odd sums of byte lanes 1 and 3 of each four
   * @param bits significant bits of a sum, at most 16; those above are ignored
   */
  static void store(IntVector even, IntVector odd, int bits, int[] sums, int at, boolean first) {
    int lanes = even.length();
    store(low(even, bits), sums, at, first);
    store(low(odd, bits), sums, at + lanes, first);
    store(high(even, bits), sums, at + 2 * lanes, first);
    store(high(odd, bits), sums, at + 3 * lanes, first);
  }

  private static IntVector low(IntVector pairs, int bits) {
    return pairs
        .lanewise(VectorOperators.LSHL, 32 - bits)
        .lanewise(VectorOperators.ASHR, 32 - bits);
  }

  private static IntVector high(IntVector pairs, int bits) {
    return pairs
        .lanewise(VectorOperators.LSHL, 16 - bits)
        .lanewise(VectorOperators.ASHR, 32 - bits);
  }

  private static void store(IntVector values, int[] sums, int at, boolean first) {
    if (!first) {
      values = values.add(IntVector.fromArray(values.species(), sums, at));
    }
    values.intoArray(sums, at);
  }

  static void tripleAndAdd(int rows, int[] sums, int at, int next) {
    for (int row = 0; row < rows; row += Species.LANES) {
      IntVector.fromArray(Species.INTS, sums, at + row)
          .mul(3)
          .add(IntVector.fromArray(Species.INTS, sums, next + row))
          .intoArray(sums, at + row);
    }
  }

  static void scaleAndAdd(
      int rows, int[] sums, int at, float[] scales, int scale, float[] y, int to) {
    for (int row = 0; row < rows; row += Species.LANES) {
      FloatVector sum =
          (FloatVector)
              IntVector.fromArray(Species.INTS, sums, at + row)
                  .convertShape(VectorOperators.I2F, Species.FLOATS, 0);
      FloatVector.fromArray(Species.FLOATS, scales, scale + row)
          .fma(sum, FloatVector.fromArray(Species.FLOATS, y, to + row))
          .intoArray(y, to + row);
    }
  }
}
