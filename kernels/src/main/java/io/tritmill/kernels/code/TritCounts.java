package io.tritmill.kernels.code;

import java.io.Serializable;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * How many trits are -1, 0 and 1.
 *
 * @param negative trits of -1
 * @param zero trits of 0
 * @param positive trits of 1
 */
public record TritCounts(long negative, long zero, long positive) implements Serializable {
  /** No trits yet. */
  public static final TritCounts NONE = new TritCounts(0, 0, 0);

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** The trits of one plane, in the rows that have it. */
  public static TritCounts of(TritPlanes planes, int plane) {
    TritCounts all = of(planes.trits()[plane]);
    int without = planes.rows() - planes.layout().rowsOf(plane, planes.rows());
    return new TritCounts(
        all.negative(), all.zero() - (long) without * planes.columns(), all.positive());
  }

  /** The trits of all planes together. */
  public static TritCounts of(TritPlanes planes) {
    TritCounts all = NONE;
    for (int plane = 0; plane < planes.trits().length; plane++) {
      all = all.plus(of(planes, plane));
    }
    return all;
  }

  private static TritCounts of(byte[] trits) {
    long negative = 0;
    long nonzero = 0;
    int i = 0;
    // -1 sets every bit of its byte, 1 the lowest alone.
    for (; i <= trits.length - Long.BYTES; i += Long.BYTES) {
      long eight = (long) LONGS.get(trits, i);
      negative += Long.bitCount(eight & 0x80_80_80_80_80_80_80_80L);
      nonzero += Long.bitCount(eight & 0x01_01_01_01_01_01_01_01L);
    }
    for (; i < trits.length; i++) {
      negative += trits[i] < 0 ? 1 : 0;
      nonzero += trits[i] != 0 ? 1 : 0;
    }
    return new TritCounts(negative, trits.length - nonzero, nonzero - negative);
  }

  /** The counts of both together. */
  public TritCounts plus(TritCounts other) {
    return new TritCounts(negative + other.negative, zero + other.zero, positive + other.positive);
  }

  /** Number of trits. */
  public long total() {
    return negative + zero + positive;
  }

  /** Share of -1, from 0 to 1; NaN of no trits. */
  public double shareNegative() {
    return (double) negative / total();
  }

  /** Share of 0, from 0 to 1; NaN of no trits. */
  public double shareZero() {
    return (double) zero / total();
  }

  /** Share of 1, from 0 to 1; NaN of no trits. */
  public double sharePositive() {
    return (double) positive / total();
  }

  /** Entropy of a trit in bits: at most log2(3) = 1.585; NaN of no trits. */
  public double entropyBits() {
    return surprise(shareNegative()) + surprise(shareZero()) + surprise(sharePositive());
  }

  private static double surprise(double share) {
    return share == 0 ? 0 : -share * Math.log(share) / Math.log(2);
  }
}
