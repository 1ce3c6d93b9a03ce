package io.tritmill.kernels.code;

import io.tritmill.kernels.tensor.DType;
import java.util.List;
import java.util.Objects;

/**
 * Integers of a few bits as stored: codes row by row, each row from a byte on; half-precision
 * scales; the zero points of each row's groups, packed as codes are, where they have their own.
 *
 * @param rows rows
 * @param columns columns
 * @param levels bits, groups and zero
 * @param codes (rows, bytes of a row), see {@link BitCodes}
 * @param scales little-endian IEEE half, (rows, groups)
 * @param zeros (rows, bytes of the groups' zero points); of length 0 where there are none
 */
public record PackedIntegers(
    int rows, int columns, IntegerLevels levels, byte[] codes, byte[] scales, byte[] zeros)
    implements PackedMatrix {
  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if the arrays do not fit the shape, or a scale is NaN or
   *     infinite
   */
  public PackedIntegers {
    if (rows < 0 || columns < 1) {
      throw new IllegalArgumentException(
          "A tensor has at least 0 rows and 1 column, found %d x %d".formatted(rows, columns));
    }
    List<Piece> pieces = levels.pieces(rows, columns);
    require("codes", pieces.get(0), codes);
    require("scales", pieces.get(1), scales);
    if (levels.zeroPoints()) {
      require("zero points", pieces.get(2), zeros);
    }
    PackedPlanes.requireFinite(scales);
  }

  private static void require(String what, Piece piece, byte[] found) {
    if (found.length != piece.bytes()) {
      throw new IllegalArgumentException(
          "The %s of shape %s need %d bytes, found %d"
              .formatted(what, piece.shape(), piece.bytes(), found.length));
    }
  }

  @Override
  public List<byte[]> pieces() {
    return levels.zeroPoints() ? List.of(codes, scales, zeros) : List.of(codes, scales);
  }

  @Override
  public ScaleStatistics scaleStatistics() {
    return ScaleStatistics.of(scaleValues());
  }

  private float[] scaleValues() {
    float[] values = new float[scales.length / 2];
    DType.F16.decode(scales, 0, values, 0, values.length);
    return values;
  }

  @Override
  public void requireCodes() {
    requirePadding(codes, columns);
    if (levels.zeroPoints()) {
      requirePadding(zeros, levels.group().perRow(columns));
    }
  }

  private void requirePadding(byte[] packed, int count) {
    int rowBytes = BitCodes.bytes(levels.bits(), count);
    for (int row = 1; row <= rows; row++) {
      BitCodes.requirePadding(levels.bits(), packed, row * rowBytes, count);
    }
  }

  /** The codes that were packed, with their scales. */
  public IntegerCodes unpack() {
    IntegerCodes all = levels.zeros(rows, columns);
    int groups = levels.group().perRow(columns);
    DType.F16.decode(scales, 0, all.scales(), 0, all.scales().length);
    for (int row = 0; row < rows; row++) {
      unpackRow(codes, row, columns, all.codes(), row * columns);
      if (levels.zeroPoints()) {
        unpackRow(zeros, row, groups, all.zeros(), row * groups);
      }
    }
    return all;
  }

  private void unpackRow(byte[] packed, int row, int count, byte[] into, int at) {
    int rowBytes = BitCodes.bytes(levels.bits(), count);
    BitCodes.unpack(levels.bits(), packed, row * rowBytes, count, into, at);
  }

  @Override
  public void decode(int firstRow, int count, float[] into, int at) {
    Objects.checkFromIndexSize(firstRow, count, rows);
    Objects.checkFromIndexSize((long) at, (long) count * columns, into.length);
    int groups = levels.group().perRow(columns);
    byte[] rowCodes = new byte[columns];
    byte[] rowZeros = new byte[levels.zeroPoints() ? groups : 0];
    float[] rowScales = new float[groups];
    for (int row = firstRow; row < firstRow + count; row++) {
      unpackRow(codes, row, columns, rowCodes, 0);
      if (levels.zeroPoints()) {
        unpackRow(zeros, row, groups, rowZeros, 0);
      }
      DType.F16.decode(scales, 2 * row * groups, rowScales, 0, groups);
      int to = at + (row - firstRow) * columns;
      decodeRow(levels, columns, rowCodes, 0, rowScales, rowZeros, 0, into, to);
    }
  }

  /** Writes the weights of a row. */
  static void decodeRow(
      IntegerLevels levels,
      int columns,
      byte[] codes,
      int codesAt,
      float[] scales,
      byte[] zeros,
      int groupsAt,
      float[] into,
      int at) {
    int width = levels.group().width(columns);
    for (int begin = 0, group = groupsAt; begin < columns; begin += width, group++) {
      int length = Math.min(width, columns - begin);
      int zero = levels.zeroPoints() ? zeros[group] & 0xff : levels.zero();
      multiply(scales[group], codes, codesAt + begin, zero, length, into, at + begin);
    }
  }

  private static void multiply(
      float scale, byte[] codes, int from, int zero, int length, float[] into, int at) {
    for (int i = 0; i < length; i++) {
      into[at + i] = scale * ((codes[from + i] & 0xff) - zero);
    }
  }
}
