package io.tritmill.kernels.simd;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums of 16 rows at once in registers of 128 bits: two trits are one look-up among 9 entries.
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
  private static final int ROWS = 16;
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
      int to = at + PanamaSums.laneOf(row, ROWS);
      int from = row * codes * TRITS;
      for (int code = 0; code < codes; code++, from += TRITS) {
        int first = trits[from] + 3 * trits[from + 1] + 4;
        int second = trits[from + 2] + 3 * trits[from + 3] + 4;
        into[to + code * ROWS] = (byte) (first | second << 4);
      }
    }
  }

  @Override
  public void tabulate(byte[] activations, int from, int codes, byte[] tables) {
    for (int pair = 0; pair < 2 * codes; pair++) {
      short first = activations[from + 2 * pair];
      short second = activations[from + 2 * pair + 1];
      ShortVector even = entries(first, EVEN_FIRST, second, EVEN_SECOND);
      ShortVector odd = entries(first, ODD_FIRST, second, ODD_SECOND);
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

  private static ShortVector entries(short first, short[] trits, short second, short[] next) {
    return ShortVector.fromArray(SHORTS, trits, 0)
        .mul(first)
        .add(ShortVector.fromArray(SHORTS, next, 0).mul(second));
  }

  @Override
  public void sum(
      byte[] blocks, int block, int codes, byte[] tables, int[] sums, int at, boolean first) {
    ByteVector high = ByteVector.zero(BYTES);
    // Low bits are added as pairs of bytes; the odd ones of each pair once more on their own.
    ShortVector low = high.reinterpretAsShorts();
    ShortVector odd = low;
    for (int code = 0; code < codes; code++) {
      int table = code * 4 * ENTRIES;
      ByteVector both = ByteVector.fromArray(BYTES, blocks, block + code * ROWS);
      ByteVector second = both.reinterpretAsShorts().lanewise(LSHR, 4).reinterpretAsBytes();
      // A look-up takes the low four bits of each byte and ignores the rest.
      ShortVector pairs =
          both.selectFrom(ByteVector.fromArray(BYTES, tables, table))
              .add(second.selectFrom(ByteVector.fromArray(BYTES, tables, table + 2 * ENTRIES)))
              .reinterpretAsShorts();
      high =
          high.add(both.selectFrom(ByteVector.fromArray(BYTES, tables, table + ENTRIES)))
              .add(second.selectFrom(ByteVector.fromArray(BYTES, tables, table + 3 * ENTRIES)));
      low = low.add(pairs);
      odd = odd.add(pairs.lanewise(LSHR, 8));
    }
    ShortVector highPairs = high.reinterpretAsShorts();
    ShortVector even =
        low.sub(odd.lanewise(LSHL, 8)).add(highPairs.and((short) 0xff).lanewise(LSHL, LOW_BITS));
    odd = odd.add(highPairs.lanewise(LSHR, 8).lanewise(LSHL, LOW_BITS));
    PanamaSums.store(even.reinterpretAsInts(), odd.reinterpretAsInts(), 15, sums, at, first);
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
