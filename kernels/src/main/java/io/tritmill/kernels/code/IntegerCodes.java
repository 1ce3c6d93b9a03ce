package io.tritmill.kernels.code;

import java.util.List;

/**
 * A matrix of integers of a few bits, a byte each: w[r, c] = scale(r, group of c) * (code[r, c] -
 * zero).
 *
 * @param rows rows
 * @param columns columns
 * @param levels bits, groups and zero
 * @param codes (rows, columns), unsigned
 * @param scales (rows, groups)
 * @param zeros (rows, groups), the code of zero of each group; of length 0 where it is the same for
 *     all
 */
public record IntegerCodes(
    int rows, int columns, IntegerLevels levels, byte[] codes, float[] scales, byte[] zeros)
    implements Coded {
  public IntegerCodes {
    int groups = Math.multiplyExact(rows, levels.group().perRow(columns));
    if (codes.length != Math.multiplyExact(rows, columns)
        || scales.length != groups
        || zeros.length != (levels.zeroPoints() ? groups : 0)) {
      throw new IllegalArgumentException(
          "Found %d codes, %d scales and %d zero points of %d x %d integers in groups of %s"
              .formatted(codes.length, scales.length, zeros.length, rows, columns, levels.group()));
    }
  }

  /**
   * Takes a group of a row.
   *
   * @param scale what the levels are multiples of, at least 0
   * @param low the smallest multiple there is, at most 0
   * @param values levels of the group's columns, from at on
   */
  public void put(int row, int group, float scale, int low, float[] values, int at) {
    int width = levels.group().width(columns);
    int begin = group * width;
    int length = Math.min(width, columns - begin);
    int index = row * levels.group().perRow(columns) + group;
    // A range that reaches further above zero than below is that of a negative scale.
    boolean turned = !levels.zeroPoints() && low != -levels.zero();
    int zero = levels.zeroPoints() ? -low : levels.zero();
    int sign = turned ? -1 : 1;
    scales[index] = sign * scale;
    if (levels.zeroPoints()) {
      zeros[index] = (byte) zero;
    }
    float inverse = scale > 0 ? sign / scale : 0;
    int to = row * columns + begin;
    for (int i = 0; i < length; i++) {
      codes[to + i] = (byte) ((int) Math.rint(values[at + i] * inverse) + zero);
    }
  }

  @Override
  public void takeRow(Coded from, int row) {
    IntegerCodes other = (IntegerCodes) from;
    int groups = levels.group().perRow(columns);
    System.arraycopy(other.codes, row * columns, codes, row * columns, columns);
    System.arraycopy(other.scales, row * groups, scales, row * groups, groups);
    if (levels.zeroPoints()) {
      System.arraycopy(other.zeros, row * groups, zeros, row * groups, groups);
    }
  }

  @Override
  public boolean zero(int row, int group) {
    return scales[row * levels.group().perRow(columns) + group] == 0;
  }

  @Override
  public List<TritCounts> tritCounts() {
    return List.of();
  }

  @Override
  public void decode(int firstRow, int count, float[] into, int at) {
    int groups = levels.group().perRow(columns);
    for (int row = firstRow; row < firstRow + count; row++) {
      PackedIntegers.decodeRow(
          levels,
          columns,
          codes,
          row * columns,
          scales,
          zeros,
          row * groups,
          into,
          at + (row - firstRow) * columns);
    }
  }
}
