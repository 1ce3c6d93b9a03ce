package io.tritmill.kernels.pack;

/**
 * Five trits in a byte: the byte is the sum of (trit[i] + 1) * 3^i over i = 0..4, so 0 to 242.
 *
 * <p>A plane is one run of trits over all its rows, padded at its end with zero trits; 1.6 bits a
 * weight. Rows do not begin at byte boundaries unless their width is a multiple of five.
 */
public final class FiveTrits {
  public static final int PER_BYTE = 5;

  private FiveTrits() {}

  /** Bytes for so many trits. */
  public static long bytes(long trits) {
    return Math.ceilDiv(trits, PER_BYTE);
  }
}
