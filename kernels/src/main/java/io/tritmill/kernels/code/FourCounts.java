package io.tritmill.kernels.code;

/**
 * Numbers of planes of four rows in a byte: that of row r, 1 to 3, stands in bits 2 (r mod 4) and 2
 * (r mod 4) + 1 of byte r / 4. Two bits a row; the bits after the last row are zero.
 */
public final class FourCounts {
  private static final int PER_BYTE = 4;

  private FourCounts() {}

  /** Bytes for so many rows. */
  public static int bytes(int rows) {
    return Math.ceilDiv(rows, PER_BYTE);
  }

  /** Packs the numbers of planes of all rows. */
  public static byte[] pack(PlaneCounts counts) {
    byte[] packed = new byte[bytes(counts.rows())];
    for (int row = 0; row < counts.rows(); row++) {
      packed[row / PER_BYTE] |= (byte) (counts.of(row) << 2 * (row % PER_BYTE));
    }
    return packed;
  }

  /**
   * The numbers that were packed.
   *
   * @throws IllegalArgumentException if there are not as many bytes as so many rows take, a row has
   *     no plane, or bits after the last row are not zero
   */
  public static PlaneCounts unpack(byte[] packed, int rows) {
    if (packed.length != bytes(rows)) {
      throw new IllegalArgumentException(
          "The numbers of planes of %d rows need %d bytes, found %d"
              .formatted(rows, bytes(rows), packed.length));
    }
    byte[] counts = new byte[rows];
    for (int row = 0; row < rows; row++) {
      counts[row] = (byte) (packed[row / PER_BYTE] >>> 2 * (row % PER_BYTE) & 3);
    }
    int used = rows % PER_BYTE;
    if (used > 0 && (packed[packed.length - 1] & 0xff) >>> 2 * used != 0) {
      throw new IllegalArgumentException(
          "Byte %d of the numbers of planes is %d, expected zeros after its first %d rows"
              .formatted(packed.length - 1, packed[packed.length - 1] & 0xff, used));
    }
    return new PlaneCounts(counts);
  }
}
