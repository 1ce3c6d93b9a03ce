package io.tritmill.kernels.code;

import java.util.ArrayList;
import java.util.List;

/**
 * Integers of a few bits times the scale of a group: w = s (c - z) for codes c from 0 to 2^bits -
 * 1.
 *
 * <p>The zero point z is the same code everywhere, or one of its own for each group. Scales may be
 * negative, so that a range that reaches further on one side can do so on either.
 *
 * @param bits of a code, 2 to 8
 * @param group who shares a scale: a number of columns, or a row
 * @param zero the code of zero; {@link #OF_GROUP} where each group has its own
 */
public record IntegerLevels(int bits, Group group, int zero) implements Levels {
  /** In place of a code of zero: each group has its own. */
  public static final int OF_GROUP = -1;

  /** Appended to the name of a matrix for its codes. */
  public static final String CODES = ".codes";

  /** Appended to the name of a matrix for the zero points of its groups. */
  public static final String ZEROS = ".zeros";

  /** Up to here formats store a smallest level in place of a zero point. */
  private static final int FEW_BITS = 5;

  public IntegerLevels {
    if (bits < 2 || bits > 8) {
      throw new IllegalArgumentException("bits is 2 to 8, found " + bits);
    }
    if (group.kind() == Group.Kind.TENSOR) {
      throw new IllegalArgumentException("group is a number of columns or row, found tensor");
    }
    if (zero != OF_GROUP && (zero < 0 || zero >= 1 << bits)) {
      throw new IllegalArgumentException(
          "zero is a code of %d bits, found %d".formatted(bits, zero));
    }
  }

  /** Levels around zero: -2^(bits - 1) to 2^(bits - 1) - 1 times a scale. */
  public static IntegerLevels symmetric(int bits, Group group) {
    return new IntegerLevels(bits, group, 1 << bits - 1);
  }

  /** Levels that begin anywhere up to zero. */
  public static IntegerLevels withZeroPoints(int bits, Group group) {
    return new IntegerLevels(bits, group, OF_GROUP);
  }

  /** The levels -1, 0, 1 and 2 times a scale of either sign. */
  public static IntegerLevels four(Group group) {
    return new IntegerLevels(2, group, 1);
  }

  /** Whether each group has a zero point of its own. */
  public boolean zeroPoints() {
    return zero == OF_GROUP;
  }

  /** The largest code. */
  public int top() {
    return (1 << bits) - 1;
  }

  /**
   * The nearest scale that can be stored beside a smallest integer: of zero points of up to five
   * bits such that the smallest level is an IEEE half.
   *
   * @param low the smallest integer
   * @param row what an error message names
   * @throws UnusableWeightException as {@link StoredScale#of} does
   */
  public float storedScale(double scale, int low, int row) {
    return zeroPoints() && bits <= FEW_BITS
        ? StoredScale.withMultiple(scale, -low, row)
        : StoredScale.of(scale, row);
  }

  @Override
  public String codeType() {
    return "int" + bits;
  }

  @Override
  public int codeBytes() {
    return 1;
  }

  @Override
  public List<Piece> pieces(int rows, int columns) {
    int groups = group.perRow(columns);
    List<Piece> pieces = new ArrayList<>();
    pieces.add(bytes(CODES, rows, BitCodes.bytes(bits, columns)));
    pieces.add(
        new Piece(
            PlaneLayout.SCALES,
            "F16",
            List.of((long) rows, (long) groups, 1L),
            2L * rows * groups,
            1,
            false));
    if (zeroPoints()) {
      pieces.add(bytes(ZEROS, rows, BitCodes.bytes(bits, groups)));
    }
    return pieces;
  }

  private static Piece bytes(String suffix, int rows, int rowBytes) {
    return new Piece(
        suffix, "U8", List.of((long) rows, (long) rowBytes), (long) rows * rowBytes, 1, false);
  }

  @Override
  public IntegerCodes zeros(int rows, int columns) {
    int groups = Math.multiplyExact(rows, group.perRow(columns));
    return new IntegerCodes(
        rows,
        columns,
        this,
        new byte[Math.multiplyExact(rows, columns)],
        new float[groups],
        new byte[zeroPoints() ? groups : 0]);
  }

  @Override
  public Packer packer(int rows, int columns) {
    return new IntegerPacker(rows, columns, this);
  }

  @Override
  public PackedIntegers packed(int rows, int columns, List<byte[]> stored) {
    byte[] zeros = zeroPoints() ? stored.get(2) : new byte[0];
    return new PackedIntegers(rows, columns, this, stored.get(0), stored.get(1), zeros);
  }
}
