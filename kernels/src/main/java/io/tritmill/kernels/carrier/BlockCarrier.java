package io.tritmill.kernels.carrier;

import io.tritmill.kernels.tensor.BlockType;
import java.util.Arrays;
import java.util.Optional;

/**
 * Block types of ggml that hold integers times a scale in half precision, from the smallest to the
 * largest.
 *
 * <p>Those with least values hold integers that begin anywhere. K-quants have one scale for all of
 * a block here, so that those of their runs are 1, and least values are multiples of the scale.
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
  Q2_K(BlockType.Q2_K, 3, RunEncoders::q2),
  Q3_K(BlockType.Q3_K, -4, 3, RunEncoders::q3),
  Q4_0(BlockType.Q4_0, -8, 7, IntegerEncoders::q40),
  Q4_K(BlockType.Q4_K, 15, RunEncoders::q4),
  /** A least value in half precision, which need not hold one. */
  Q4_1(BlockType.Q4_1, 15, RunEncoders::q41),
  Q5_0(BlockType.Q5_0, -16, 15, IntegerEncoders::q50),
  Q5_K(BlockType.Q5_K, 31, RunEncoders::q5),
  /** The same of five bits. */
  Q5_1(BlockType.Q5_1, 31, RunEncoders::q51),
  Q6_K(BlockType.Q6_K, -32, 31, RunEncoders::q6),
  Q8_0(BlockType.Q8_0, -128, 127, IntegerEncoders::q80);

  private final BlockType type;
  private final int low;
  private final int high;
  private final boolean anywhere;
  private final Encoder encoder;

  /** Writes one block. */
  interface Encoder {
    /**
     * @param least the smallest integer of the group
     * @param codes how far those of the block are above it, from {@code from} on
     * @param into gets the block, from {@code at} on; zeros before
     */
    void encode(float scale, int least, byte[] codes, int from, byte[] into, int at);
  }

  BlockCarrier(BlockType type, int low, int high, Encoder encoder) {
    this(type, low, high, false, encoder);
  }

  BlockCarrier(BlockType type, int steps, Encoder encoder) {
    this(type, 0, steps, true, encoder);
  }

  BlockCarrier(BlockType type, int low, int high, boolean anywhere, Encoder encoder) {
    this.type = type;
    this.low = low;
    this.high = high;
    this.anywhere = anywhere;
    this.encoder = encoder;
  }

  /** The blocks. */
  public BlockType type() {
    return type;
  }

  /** Why it does not hold a grid in rows of so many columns; empty where it does. */
  public Optional<String> refusal(IntegerGrid grid, int columns) {
    return anywhere
        ? grid.refusal(high, columns, type.blockElements())
        : grid.refusal(low, high, columns, type.blockElements());
  }

  /** Whether numbers of a matrix decide too, and not its grid alone. */
  public boolean looksAtNumbers() {
    return this == Q4_1 || this == Q5_1;
  }

  /** Why it does not hold a matrix whose grid it holds; empty where it does. */
  public Optional<String> refusal(ScaledIntegers matrix) {
    if (!looksAtNumbers()) {
      return Optional.empty();
    }
    int groups = Math.ceilDiv(matrix.columns(), matrix.grid().groupColumns());
    for (int row = 0; row < matrix.rows(); row++) {
      for (int group = 0; group < groups; group++) {
        float least = matrix.scale(row, group) * matrix.least(row, group);
        if (Float.float16ToFloat(Float.floatToFloat16(least)) != least) {
          return Optional.of("has least values in half precision, found " + least);
        }
      }
    }
    return Optional.empty();
  }

  /** Bytes of a row of so many columns. */
  public int rowBytes(int columns) {
    return Math.toIntExact(type.bytes(columns));
  }

  /**
   * Encodes a row of a matrix that is not refused.
   *
   * @param codes room for (columns); overwritten
   * @param into gets {@link #rowBytes} bytes, from at on
   */
  public void encode(ScaledIntegers matrix, int row, byte[] codes, byte[] into, int at) {
    int block = type.blockElements();
    Arrays.fill(into, at, at + rowBytes(matrix.columns()), (byte) 0);
    matrix.codes(row, codes);
    int to = at;
    for (int from = 0; from < matrix.columns(); from += block) {
      int group = from / matrix.grid().groupColumns();
      encoder.encode(matrix.scale(row, group), matrix.least(row, group), codes, from, into, to);
      to += type.blockBytes();
    }
  }
}
