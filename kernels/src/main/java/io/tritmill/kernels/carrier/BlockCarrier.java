package io.tritmill.kernels.carrier;

import io.tritmill.kernels.tensor.BlockType;
import java.util.Arrays;
import java.util.Optional;

/**
 * Block types of ggml that hold integers times a scale in half precision, from the smallest to the
 * largest.
 *
 * <p>An encoded matrix decodes to the very weights that it was encoded from.
 */
public enum BlockCarrier {
  /** Trits, five to a byte. */
  TQ1_0(BlockType.TQ1_0, -1, 1, TernaryEncoders::tq1),
  /** Two bits a weight, of which the fourth code is twice the scale. */
  TQ2_0(BlockType.TQ2_0, -1, 2, TernaryEncoders::tq2),
  /** The same in blocks of 64, with a scale for each. */
  Q2_0(BlockType.Q2_0, -1, 2, TernaryEncoders::q20),
  Q4_0(BlockType.Q4_0, -8, 7, IntegerEncoders::q40),
  Q5_0(BlockType.Q5_0, -16, 15, IntegerEncoders::q50),
  Q8_0(BlockType.Q8_0, -128, 127, IntegerEncoders::q80);

  private final BlockType type;
  private final int low;
  private final int high;
  private final Encoder encoder;

  /** Writes one block. */
  interface Encoder {
    /**
     * @param integers those of the block, from {@code from} on
     * @param into gets the block, from {@code at} on; zeros before
     */
    void encode(float scale, short[] integers, int from, byte[] into, int at);
  }

  BlockCarrier(BlockType type, int low, int high, Encoder encoder) {
    this.type = type;
    this.low = low;
    this.high = high;
    this.encoder = encoder;
  }

  /** The blocks. */
  public BlockType type() {
    return type;
  }

  /** Why it does not hold a grid in rows of so many columns; empty where it does. */
  public Optional<String> refusal(IntegerGrid grid, int columns) {
    return grid.refusal(low, high, columns, type.blockElements());
  }

  /** Bytes of a row of so many columns. */
  public int rowBytes(int columns) {
    return Math.toIntExact(type.bytes(columns));
  }

  /**
   * Encodes a row of a matrix that is not refused.
   *
   * @param integers room for (columns); overwritten
   * @param into gets {@link #rowBytes} bytes, from at on
   */
  public void encode(ScaledIntegers matrix, int row, short[] integers, byte[] into, int at) {
    int block = type.blockElements();
    Arrays.fill(into, at, at + rowBytes(matrix.columns()), (byte) 0);
    matrix.integers(row, integers);
    int to = at;
    for (int from = 0; from < matrix.columns(); from += block) {
      float scale = matrix.scale(row, from / matrix.grid().groupColumns());
      encoder.encode(scale, integers, from, into, to);
      to += type.blockBytes();
    }
  }
}
