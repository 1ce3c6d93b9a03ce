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
  public void codes(int row, byte[] into) {
    System.arraycopy(codes.codes(), row * codes.columns(), into, 0, codes.columns());
  }
}
