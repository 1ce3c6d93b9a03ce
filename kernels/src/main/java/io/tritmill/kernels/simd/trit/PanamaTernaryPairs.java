package io.tritmill.kernels.simd.trit;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums of 16 rows at once in registers of 128 bits: two trits are one look-up among 9 entries. A
 * block is four such parts, [part][code][row of the part].
 *
 * <p>Machines that permute no bytes across wider registers still look up 16 bytes in one
 * instruction. A code has two look-ups of four bits, trit + 1 + 3 * (next trit + 1) each; 2 bits a
 * weight. A partial sum is looked up as its low 7 bits, of which two fit a byte, and its high bits.
 *
 * <p>Everything is summed modulo 2^15; a run is so short that its sums fit.
 */
final class PanamaTernaryPairs implements TernaryKernel {
  private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_128;
  private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_128;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_128;

  /** Rows of a register. */
  private static final int PART_ROWS = 16;

  private static final int PARTS = 4;
  private static final int ROWS = PARTS * PART_ROWS;

  /** Ints of a register. */
  private static final int QUARTER = PART_ROWS / 4;

  /** Ints that a look-up leaves behind for a part. */
  private static final int PARTIAL = 3 * QUARTER;

  private static final int TRITS = 4;

  /** Entries of a look-up; from 9 on they are never used. */
  private static final int ENTRIES = 16;

  private static final int LOW_BITS = 7;

  /** 32 * 4 * 127 is the longest that fits in 15 bits. */
  private static final int LONGEST_RUN = 32;

  private static final short[] EVEN_FIRST = {-1, 1, 0, -1, 1, 0, 0, 0};
  private static final short[] EVEN_SECOND = {-1, -1, 0, 1, 1, 0, 0, 0};
  private static final short[] ODD_FIRST = {0, -1, 1, 0, 0, 0, 0, 0};
  private static final short[] ODD_SECOND = {-1, 0, 0, 1, 0, 0, 0, 0};

  @Override
  public int rows() {
    return ROWS;
  }

  @Override
  public int blocksAtOnce() {
    return 1;
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
    return ROWS * codes;
  }

  @Override
  public int tableBytes() {
    return 4 * ENTRIES;
  }

  @Override
  public void encode(byte[] trits, int codes, byte[] into, int at) {
    for (int row = 0; row < ROWS; row++) {
      int part = at + row / PART_ROWS * PART_ROWS * codes;
      int to = part + PanamaSums.laneOf(row % PART_ROWS, PART_ROWS);
      int from = row * codes * TRITS;
      for (int code = 0; code < codes; code++, from += TRITS) {
        int first = trits[from] + 3 * trits[from + 1] + 4;
        int second = trits[from + 2] + 3 * trits[from + 3] + 4;
        into[to + code * PART_ROWS] = (byte) (first | second << 4);
      }
    }
  }

  @Override
  public void tabulate(byte[] activations, int from, int codes, byte[] tables) {
    for (int pair = 0; pair < 2 * codes; pair++) {
      short first = activations[from + 2 * pair];
      short second = activations[from + 2 * pair + 1];
      ShortVector even =
          ShortVector.fromArray(SHORTS, EVEN_FIRST, 0)
              .mul(first)
              .add(ShortVector.fromArray(SHORTS, EVEN_SECOND, 0).mul(second));
      ShortVector odd =
          ShortVector.fromArray(SHORTS, ODD_FIRST, 0)
              .mul(first)
              .add(ShortVector.fromArray(SHORTS, ODD_SECOND, 0).mul(second));
      even.and((short) 0x7f)
          .or(odd.and((short) 0x7f).lanewise(LSHL, 8))
          .reinterpretAsBytes()
          .intoArray(tables, 2 * pair * ENTRIES);
      even.lanewise(LSHR, LOW_BITS)
          .and((short) 0xff)
          .or(odd.lanewise(LSHR, LOW_BITS).lanewise(LSHL, 8))
          .reinterpretAsBytes()
          .intoArray(tables, (2 * pair + 1) * ENTRIES);
    }
  }

  @Override
  public int partialInts() {
    return PARTS * PARTIAL;
  }

  @Override
  public void lookUp(
      MemorySegment blocks,
      long[] starts,
      int codes,
      byte[] tables,
      int[] partial,
      int at,
      int apart) {
    for (int part = 0; part < PARTS; part++) {
      long start = starts[0] + (long) part * PART_ROWS * codes;
      lookUpPart(blocks, start, codes, tables, partial, at + part * PARTIAL);
    }
  }

  /** One part: what two need does not fit in 16 registers. */
  private static void lookUpPart(
      MemorySegment blocks, long start, int codes, byte[] tables, int[] partial, int at) {
    ByteVector high = ByteVector.zero(BYTES);
    ShortVector pairs = ShortVector.zero(SHORTS);
    ShortVector shifted = ShortVector.zero(SHORTS);
    for (int code = 0; code < codes; code++) {
      // A look-up takes the low four bits of each byte and ignores the rest.
      long offset = start + (long) code * PART_ROWS;
      ByteVector first = ByteVector.fromMemorySegment(BYTES, blocks, offset, LITTLE_ENDIAN);
      ByteVector second = first.reinterpretAsInts().lanewise(LSHR, 4).reinterpretAsBytes();
      int table = code * 4 * ENTRIES;
      ByteVector lows =
          first
              .selectFrom(ByteVector.fromArray(BYTES, tables, table))
              .add(second.selectFrom(ByteVector.fromArray(BYTES, tables, table + 2 * ENTRIES)));
      ByteVector highs =
          first
              .selectFrom(ByteVector.fromArray(BYTES, tables, table + ENTRIES))
              .add(second.selectFrom(ByteVector.fromArray(BYTES, tables, table + 3 * ENTRIES)));
      pairs = pairs.add(lows.reinterpretAsShorts());
      shifted = shifted.add(lows.reinterpretAsInts().lanewise(LSHR, 8).reinterpretAsShorts());
      high = high.add(highs);
    }
    // Only stored here: the compiler leaves accumulators in memory that more is computed with.
    pairs.reinterpretAsInts().intoArray(partial, at);
    shifted.reinterpretAsInts().intoArray(partial, at + QUARTER);
    high.reinterpretAsInts().intoArray(partial, at + 2 * QUARTER);
  }

  @Override
  public void widen(int[] partial, int at, int[] sums, int to) {
    for (int part = 0; part < PARTS; part++) {
      widenPart(partial, at + part * PARTIAL, sums, to + part * PART_ROWS);
    }
  }

  private static void widenPart(int[] partial, int at, int[] sums, int to) {
    // With s0 to s3 the sums of four low bytes: s0 + 256 s1, s2 + 256 s3 and s1 + 256 s2, s3.
    IntVector pairs = IntVector.fromArray(INTS, partial, at);
    IntVector shifted = IntVector.fromArray(INTS, partial, at + QUARTER);
    ShortVector highs = IntVector.fromArray(INTS, partial, at + 2 * QUARTER).reinterpretAsShorts();
    ShortVector strays = pairs.lanewise(LSHR, 8).and(0xff00).reinterpretAsShorts();
    ShortVector oddLow = shifted.reinterpretAsShorts().sub(strays);
    ShortVector evenLow = pairs.reinterpretAsShorts().sub(oddLow.lanewise(LSHL, 8));
    // 15 bits of each short count: the high bytes stand 7 bits above the low ones.
    IntVector even = evenLow.add(highs.lanewise(LSHL, LOW_BITS)).reinterpretAsInts();
    IntVector odd =
        oddLow.add(highs.lanewise(LSHR, 8).lanewise(LSHL, LOW_BITS)).reinterpretAsInts();
    even.lanewise(LSHL, 17).lanewise(ASHR, 17).intoArray(sums, to);
    odd.lanewise(LSHL, 17).lanewise(ASHR, 17).intoArray(sums, to + QUARTER);
    even.lanewise(LSHL, 1).lanewise(ASHR, 17).intoArray(sums, to + 2 * QUARTER);
    odd.lanewise(LSHL, 1).lanewise(ASHR, 17).intoArray(sums, to + 3 * QUARTER);
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
