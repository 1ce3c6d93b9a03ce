package io.tritmill.kernels.simd;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums of 64 rows at once in registers of 512 bits: five trits are one look-up among 122 entries.
 *
 * <p>A code is the number sum of trit[i] * 3^i, -121 to 121, as a sign bit and a magnitude; 1.6
 * bits a weight. Its partial sum, which needs 16 bits, is looked up as a low and a high byte. A
 * negative code takes the complement of the entry of its magnitude, which is one less than the
 * negated sum, so a block begins with how many of its codes are negative, row by row.
 *
 * <p>Everything is summed modulo 2^16; a run is so short that its sums fit.
 */
final class PanamaTernaryFives implements TernaryKernel {
  private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_512;
  private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_512;
  private static final int ROWS = 64;
  private static final int TRITS = 5;

  /** Half a table; a table has a low and a high byte for each of 128 magnitudes, 6 never used. */
  private static final int HALF = 64;

  /** 51 * 5 * 127 is the longest that fits in 16 bits. */
  private static final int LONGEST_RUN = 51;

  /** Trit i of the magnitudes 2 * lane + odd + 64 * half, at ((half * 2 + odd) * 5 + i) * 32. */
  private static final short[] TRITS_OF_MAGNITUDES = tritsOfMagnitudes();

  private static short[] tritsOfMagnitudes() {
    short[] trits = new short[2 * HALF * TRITS];
    for (int magnitude = 0; magnitude < 2 * HALF; magnitude++) {
      int registers = magnitude / HALF * 2 + magnitude % 2;
      int lane = magnitude % HALF / 2;
      int rest = magnitude;
      for (int i = 0; i < TRITS; i++) {
        int trit = Math.floorMod(rest + 1, 3) - 1;
        trits[(registers * TRITS + i) * SHORTS.length() + lane] = (short) trit;
        rest = (rest - trit) / 3;
      }
    }
    return trits;
  }

  @Override
  public int rows() {
    return ROWS;
  }

  @Override
  public int tritsPerCode() {
    return TRITS;
  }

  @Override
  public int longestRun() {
    return LONGEST_RUN;
  }

  @Override
  public int blockBytes(int codes) {
    return ROWS * (1 + codes);
  }

  @Override
  public int tableBytes() {
    return 4 * HALF;
  }

  @Override
  public void encode(byte[] trits, int codes, byte[] into, int at) {
    for (int row = 0; row < ROWS; row++) {
      int to = at + PanamaSums.laneOf(row, ROWS);
      int negatives = 0;
      int from = row * codes * TRITS;
      for (int code = 1; code <= codes; code++, from += TRITS) {
        int value =
            trits[from]
                + 3 * trits[from + 1]
                + 9 * trits[from + 2]
                + 27 * trits[from + 3]
                + 81 * trits[from + 4];
        negatives += value >>> 31;
        into[to + code * ROWS] = (byte) (value & 0x80 | Math.abs(value));
      }
      into[to] = (byte) negatives;
    }
  }

  @Override
  public void tabulate(byte[] activations, int from, int codes, byte[] tables) {
    for (int code = 0; code < codes; code++) {
      for (int half = 0; half < 2; half++) {
        int to = code * 4 * HALF + half * HALF;
        ShortVector even = entries(activations, from + code * TRITS, 2 * half);
        ShortVector odd = entries(activations, from + code * TRITS, 2 * half + 1);
        even.and((short) 0xff).or(odd.lanewise(LSHL, 8)).reinterpretAsBytes().intoArray(tables, to);
        even.lanewise(LSHR, 8)
            .or(odd.and((short) 0xff00))
            .reinterpretAsBytes()
            .intoArray(tables, to + 2 * HALF);
      }
    }
  }

  private static ShortVector entries(byte[] activations, int from, int registers) {
    int at = registers * TRITS * SHORTS.length();
    ShortVector sum = product(activations[from], at);
    for (int i = 1; i < TRITS; i++) {
      sum = sum.add(product(activations[from + i], at + i * SHORTS.length()));
    }
    return sum;
  }

  private static ShortVector product(short activation, int at) {
    return ShortVector.fromArray(SHORTS, TRITS_OF_MAGNITUDES, at).mul(activation);
  }

  @Override
  public void sum(
      byte[] blocks, int block, int codes, byte[] tables, int[] sums, int at, boolean first) {
    ByteVector high = ByteVector.zero(BYTES);
    // Low bytes are added as pairs; the odd ones of each pair once more on their own.
    ShortVector low = ByteVector.fromArray(BYTES, blocks, block).reinterpretAsShorts();
    ShortVector odd = low.lanewise(LSHR, 8);
    for (int code = 0; code < codes; code++) {
      ByteVector magnitude = ByteVector.fromArray(BYTES, blocks, block + ROWS + code * ROWS);
      ByteVector sign = (ByteVector) magnitude.lt((byte) 0).toVector();
      int table = code * 4 * HALF;
      ByteVector lows =
          magnitude.selectFrom(
              ByteVector.fromArray(BYTES, tables, table),
              ByteVector.fromArray(BYTES, tables, table + HALF));
      ByteVector highs =
          magnitude.selectFrom(
              ByteVector.fromArray(BYTES, tables, table + 2 * HALF),
              ByteVector.fromArray(BYTES, tables, table + 3 * HALF));
      ShortVector pairs = lows.lanewise(XOR, sign).reinterpretAsShorts();
      low = low.add(pairs);
      odd = odd.add(pairs.lanewise(LSHR, 8));
      high = high.add(highs.lanewise(XOR, sign));
    }
    ShortVector highPairs = high.reinterpretAsShorts();
    ShortVector even = low.sub(odd.lanewise(LSHL, 8)).add(highPairs.lanewise(LSHL, 8));
    odd = odd.add(highPairs.and((short) 0xff00));
    PanamaSums.store(even.reinterpretAsInts(), odd.reinterpretAsInts(), 16, sums, at, first);
  }

  @Override
  public void tripleAndAdd(int[] sums, int at, int next) {
    PanamaSums.tripleAndAdd(ROWS, sums, at, next);
  }

  @Override
  public void scaleAndAdd(int[] sums, int at, float[] scales, int scale, float[] y, int row) {
    PanamaSums.scaleAndAdd(ROWS, sums, at, scales, scale, y, row);
  }
}
