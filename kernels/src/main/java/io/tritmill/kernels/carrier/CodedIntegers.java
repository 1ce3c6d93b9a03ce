package io.tritmill.kernels.carrier;

import io.tritmill.kernels.code.IntegerCodes;
import io.tritmill.kernels.code.IntegerLevels;
import io.tritmill.kernels.code.PackedIntegers;

/** Integers of a few bits, less their zeros. */
final class CodedIntegers implements ScaledIntegers {
  private final IntegerCodes codes;
  private final IntegerLevels levels;
  private final IntegerGrid grid;

  CodedIntegers(PackedIntegers packed) {
    codes = packed.unpack();
    levels = packed.levels();
    grid = IntegerGrid.of(levels, packed.columns()).orElseThrow();
  }

  @Override
  public int rows() {
    return codes.rows();
  }

  @Override
  public int columns() {
    return codes.columns();
  }

  @Override
  public IntegerGrid grid() {
    return grid;
  }

  @Override
  public float scale(int row, int group) {
    return codes.scales()[row * levels.group().perRow(codes.columns()) + group];
  }

  @Override
  public int least(int row, int group) {
    int groups = levels.group().perRow(codes.columns());
    return levels.zeroPoints() ? -(codes.zeros()[row * groups + group] & 0xff) : -levels.zero();
  }

  @Override
  public void integers(int row, short[] into) {
    int columns = codes.columns();
    int width = grid.groupColumns();
    for (int begin = 0, group = 0; begin < columns; begin += width, group++) {
      int length = Math.min(width, columns - begin);
      add(least(row, group), codes.codes(), row * columns + begin, length, into, begin);
    }
  }

  private static void add(int least, byte[] codes, int from, int length, short[] into, int at) {
    for (int i = 0; i < length; i++) {
      into[at + i] = (short) ((codes[from + i] & 0xff) + least);
    }
  }
}
