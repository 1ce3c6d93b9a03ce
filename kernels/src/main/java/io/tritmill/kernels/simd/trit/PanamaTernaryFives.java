package io.tritmill.kernels.simd.trit;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import java.lang.foreign.MemorySegment;
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
  public int blocksAtOnce() {
    return 4;
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
    return 3 * QUARTER;
  }

  /** {@inheritDoc} All accumulators and one code's tables fit in 32 registers. */
  @Override
  public void lookUp(
      MemorySegment blocks,
      long[] starts,
      int codes,
      byte[] tables,
      int[] partial,
      int at,
      int apart) {
    long block0 = starts[0];
    long block1 = starts[1];
    long block2 = starts[2];
    long block3 = starts[3];
    ByteVector high0 = ByteVector.fromMemorySegment(BYTES, blocks, block0, LITTLE_ENDIAN);
    ShortVector pairs0 = high0.reinterpretAsShorts();
    ShortVector odd0 = high0.reinterpretAsInts().lanewise(LSHR, 8).reinterpretAsShorts();
    high0 = ByteVector.zero(BYTES);
    ByteVector high1 = ByteVector.fromMemorySegment(BYTES, blocks, block1, LITTLE_ENDIAN);
    ShortVector pairs1 = high1.reinterpretAsShorts();
    ShortVector odd1 = high1.reinterpretAsInts().lanewise(LSHR, 8).reinterpretAsShorts();
    high1 = ByteVector.zero(BYTES);
    ByteVector high2 = ByteVector.fromMemorySegment(BYTES, blocks, block2, LITTLE_ENDIAN);
    ShortVector pairs2 = high2.reinterpretAsShorts();
    ShortVector odd2 = high2.reinterpretAsInts().lanewise(LSHR, 8).reinterpretAsShorts();
    high2 = ByteVector.zero(BYTES);
    ByteVector high3 = ByteVector.fromMemorySegment(BYTES, blocks, block3, LITTLE_ENDIAN);
    ShortVector pairs3 = high3.reinterpretAsShorts();
    ShortVector odd3 = high3.reinterpretAsInts().lanewise(LSHR, 8).reinterpretAsShorts();
    high3 = ByteVector.zero(BYTES);
    for (int code = 0; code < codes; code++) {
      int table = code * 4 * HALF;
      ByteVector low = ByteVector.fromArray(BYTES, tables, table);
      ByteVector lowRest = ByteVector.fromArray(BYTES, tables, table + HALF);
      ByteVector top = ByteVector.fromArray(BYTES, tables, table + 2 * HALF);
      ByteVector topRest = ByteVector.fromArray(BYTES, tables, table + 3 * HALF);
      long next = ROWS + (long) code * ROWS;
      // A look-up takes the low seven bits of each byte and ignores the sign.
      ByteVector signed = ByteVector.fromMemorySegment(BYTES, blocks, block0 + next, LITTLE_ENDIAN);
      ByteVector sign = (ByteVector) signed.lt((byte) 0).toVector();
      ByteVector looked = signed.selectFrom(low, lowRest).lanewise(XOR, sign);
      pairs0 = pairs0.add(looked.reinterpretAsShorts());
      odd0 = odd0.add(looked.reinterpretAsInts().lanewise(LSHR, 8).reinterpretAsShorts());
      high0 = high0.add(signed.selectFrom(top, topRest).lanewise(XOR, sign));
      signed = ByteVector.fromMemorySegment(BYTES, blocks, block1 + next, LITTLE_ENDIAN);
      sign = (ByteVector) signed.lt((byte) 0).toVector();
      looked = signed.selectFrom(low, lowRest).lanewise(XOR, sign);
      pairs1 = pairs1.add(looked.reinterpretAsShorts());
      odd1 = odd1.add(looked.reinterpretAsInts().lanewise(LSHR, 8).reinterpretAsShorts());
      high1 = high1.add(signed.selectFrom(top, topRest).lanewise(XOR, sign));
      signed = ByteVector.fromMemorySegment(BYTES, blocks, block2 + next, LITTLE_ENDIAN);
      sign = (ByteVector) signed.lt((byte) 0).toVector();
      looked = signed.selectFrom(low, lowRest).lanewise(XOR, sign);
      pairs2 = pairs2.add(looked.reinterpretAsShorts());
      odd2 = odd2.add(looked.reinterpretAsInts().lanewise(LSHR, 8).reinterpretAsShorts());
      high2 = high2.add(signed.selectFrom(top, topRest).lanewise(XOR, sign));
      signed = ByteVector.fromMemorySegment(BYTES, blocks, block3 + next, LITTLE_ENDIAN);
      sign = (ByteVector) signed.lt((byte) 0).toVector();
      looked = signed.selectFrom(low, lowRest).lanewise(XOR, sign);
      pairs3 = pairs3.add(looked.reinterpretAsShorts());
      odd3 = odd3.add(looked.reinterpretAsInts().lanewise(LSHR, 8).reinterpretAsShorts());
      high3 = high3.add(signed.selectFrom(top, topRest).lanewise(XOR, sign));
    }
    pairs0.reinterpretAsInts().intoArray(partial, at);
    odd0.reinterpretAsInts().intoArray(partial, at + QUARTER);
    high0.reinterpretAsInts().intoArray(partial, at + 2 * QUARTER);
    pairs1.reinterpretAsInts().intoArray(partial, at + apart);
    odd1.reinterpretAsInts().intoArray(partial, at + apart + QUARTER);
    high1.reinterpretAsInts().intoArray(partial, at + apart + 2 * QUARTER);
    pairs2.reinterpretAsInts().intoArray(partial, at + 2 * apart);
    odd2.reinterpretAsInts().intoArray(partial, at + 2 * apart + QUARTER);
    high2.reinterpretAsInts().intoArray(partial, at + 2 * apart + 2 * QUARTER);
    pairs3.reinterpretAsInts().intoArray(partial, at + 3 * apart);
    odd3.reinterpretAsInts().intoArray(partial, at + 3 * apart + QUARTER);
    high3.reinterpretAsInts().intoArray(partial, at + 3 * apart + 2 * QUARTER);
  }

  @Override
  public void widen(int[] partial, int at, int[] sums, int to) {
    // With s0 to s3 the sums of four low bytes: s0 + 256 s1, s2 + 256 s3 and s1 + 256 s2, s3.
    IntVector pairs = IntVector.fromArray(INTS, partial, at);
    IntVector shifted = IntVector.fromArray(INTS, partial, at + QUARTER);
    IntVector high = IntVector.fromArray(INTS, partial, at + 2 * QUARTER);
    // Ints shift faster than shorts.
    ShortVector strays = pairs.lanewise(LSHR, 8).and(0xff00).reinterpretAsShorts();
    ShortVector oddLow = shifted.reinterpretAsShorts().sub(strays);
    ShortVector evenLow =
        pairs
            .reinterpretAsShorts()
            .sub(
                oddLow.reinterpretAsInts().lanewise(LSHL, 8).and(0xff00ff00).reinterpretAsShorts());
    IntVector even =
        evenLow
            .add(high.lanewise(LSHL, 8).and(0xff00ff00).reinterpretAsShorts())
            .reinterpretAsInts();
    IntVector odd = oddLow.add(high.and(0xff00ff00).reinterpretAsShorts()).reinterpretAsInts();
    even.lanewise(LSHL, 16).lanewise(ASHR, 16).intoArray(sums, to);
    odd.lanewise(LSHL, 16).lanewise(ASHR, 16).intoArray(sums, to + QUARTER);
    even.lanewise(ASHR, 16).intoArray(sums, to + 2 * QUARTER);
    odd.lanewise(ASHR, 16).intoArray(sums, to + 3 * QUARTER);
  }

  @Override
  public void add(int[] sums, int at, int next, int count) {
    PanamaSums.add(sums, at, next, count);
  }

  @Override
  public void tripleAndAdd(int[] sums, int at, int next, int count) {
    PanamaSums.tripleAndAdd(sums, at, next, count);
  }

  @Override
  public void scaleAndAdd(
      int[] sums, int at, MemorySegment scales, long scale, float[] y, int row) {
    PanamaSums.scaleAndAdd(sums, at, scales, scale, y, row, ROWS);
  }
}
