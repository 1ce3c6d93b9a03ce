package io.tritmill.kernels.simd;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
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
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_512;
  private static final int ROWS = 64;

  /** Ints of a register. */
  private static final int QUARTER = ROWS / 4;

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
        ShortVector even = ShortVector.zero(SHORTS);
        ShortVector odd = even;
        for (int i = 0; i < TRITS; i++) {
          short activation = activations[from + code * TRITS + i];
          int at = (half * 2 * TRITS + i) * SHORTS.length();
          int next = at + TRITS * SHORTS.length();
          even = even.add(ShortVector.fromArray(SHORTS, TRITS_OF_MAGNITUDES, at).mul(activation));
          odd = odd.add(ShortVector.fromArray(SHORTS, TRITS_OF_MAGNITUDES, next).mul(activation));
        }
        int to = code * 4 * HALF + half * HALF;
        even.and((short) 0xff).or(odd.lanewise(LSHL, 8)).reinterpretAsBytes().intoArray(tables, to);
        even.lanewise(LSHR, 8)
            .or(odd.and((short) 0xff00))
            .reinterpretAsBytes()
            .intoArray(tables, to + 2 * HALF);
      }
    }
  }

  @Override
  public int partialInts() {
    return 2 * QUARTER;
  }

  @Override
  public void lookUp(byte[] blocks, int block, int codes, byte[] tables, int[] partial, int at) {
    ByteVector high = ByteVector.zero(BYTES);
    ByteVector negatives = ByteVector.fromArray(BYTES, blocks, block);
    ShortVector pairs = negatives.reinterpretAsShorts();
    ShortVector shifted = negatives.reinterpretAsInts().lanewise(LSHR, 8).reinterpretAsShorts();
    for (int code = 0; code < codes; code++) {
      ByteVector signed = ByteVector.fromArray(BYTES, blocks, block + ROWS + code * ROWS);
      ByteVector sign = (ByteVector) signed.lt((byte) 0).toVector();
      // A look-up takes the low seven bits of each byte and ignores the sign.
      int table = code * 4 * HALF;
      ByteVector lows =
          signed
              .selectFrom(
                  ByteVector.fromArray(BYTES, tables, table),
                  ByteVector.fromArray(BYTES, tables, table + HALF))
              .lanewise(XOR, sign);
      ByteVector highs =
          signed
              .selectFrom(
                  ByteVector.fromArray(BYTES, tables, table + 2 * HALF),
                  ByteVector.fromArray(BYTES, tables, table + 3 * HALF))
              .lanewise(XOR, sign);
      pairs = pairs.add(lows.reinterpretAsShorts());
      shifted = shifted.add(lows.reinterpretAsInts().lanewise(LSHR, 8).reinterpretAsShorts());
      high = high.add(highs);
    }
    // pairs is s0 + 256 s1, s2 + 256 s3; shifted is s1 + 256 s2, s3. Ints shift faster than shorts.
    ShortVector strays =
        pairs.reinterpretAsInts().lanewise(LSHR, 8).and(0xff00).reinterpretAsShorts();
    ShortVector odd = shifted.sub(strays);
    ShortVector even = pairs.sub(odd.lanewise(LSHL, 8));
    ShortVector highs = high.reinterpretAsShorts();
    even.add(highs.lanewise(LSHL, 8)).reinterpretAsInts().intoArray(partial, at);
    odd.add(highs.and((short) 0xff00)).reinterpretAsInts().intoArray(partial, at + QUARTER);
  }

  @Override
  public void widen(int[] partial, int at, int stride, int blocks, int[] sums, int to) {
    for (int i = 0; i < blocks; i++) {
      int row = to + i * ROWS;
      IntVector even = IntVector.fromArray(INTS, partial, at + i * stride);
      IntVector odd = IntVector.fromArray(INTS, partial, at + i * stride + QUARTER);
      even.lanewise(LSHL, 16)
          .lanewise(ASHR, 16)
          .add(IntVector.fromArray(INTS, sums, row))
          .intoArray(sums, row);
      odd.lanewise(LSHL, 16)
          .lanewise(ASHR, 16)
          .add(IntVector.fromArray(INTS, sums, row + QUARTER))
          .intoArray(sums, row + QUARTER);
      even.lanewise(ASHR, 16)
          .add(IntVector.fromArray(INTS, sums, row + 2 * QUARTER))
          .intoArray(sums, row + 2 * QUARTER);
      odd.lanewise(ASHR, 16)
          .add(IntVector.fromArray(INTS, sums, row + 3 * QUARTER))
          .intoArray(sums, row + 3 * QUARTER);
    }
  }

  @Override
  public void tripleAndAdd(int[] sums, int at, int next, int count) {
    PanamaSums.tripleAndAdd(sums, at, next, count);
  }

  @Override
  public void scaleAndAdd(
      int[] sums, int at, float[] scales, int scale, float[] y, int row, int count) {
    PanamaSums.scaleAndAdd(sums, at, scales, scale, y, row, count);
  }
}
