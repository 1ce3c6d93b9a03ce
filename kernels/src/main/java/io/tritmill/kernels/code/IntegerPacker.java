package io.tritmill.kernels.code;

import io.tritmill.kernels.tensor.DType;
import java.util.List;

/** Packs integers of a few bits, row by row. */
final class IntegerPacker implements Packer {
  private final int rows;
  private final int columns;
  private final IntegerLevels levels;
  private final byte[] codes;
  private final byte[] scales;
  private final byte[] zeros;
  private int done;

  IntegerPacker(int rows, int columns, IntegerLevels levels) {
    this.rows = rows;
    this.columns = columns;
    this.levels = levels;
    List<Piece> pieces = levels.pieces(rows, columns);
    codes = new byte[Math.toIntExact(pieces.get(0).bytes())];
    scales = new byte[Math.toIntExact(pieces.get(1).bytes())];
    zeros = new byte[levels.zeroPoints() ? Math.toIntExact(pieces.get(2).bytes()) : 0];
  }

  @Override
  public void add(Coded next) {
    boolean fits =
        next.levels().equals(levels) && next.columns() == columns && next.rows() <= rows - done;
    if (!fits) {
      throw new IllegalArgumentException(
          "Found %d x %d codes on %s after %d of %d x %d rows on %s"
              .formatted(next.rows(), next.columns(), next.levels(), done, rows, columns, levels));
    }
    IntegerCodes piece = (IntegerCodes) next;
    int groups = levels.group().perRow(columns);
    DType.F16.encode(piece.scales(), 0, scales, 2 * done * groups, piece.scales().length);
    for (int row = 0; row < piece.rows(); row++) {
      pack(piece.codes(), row, columns, codes);
      if (levels.zeroPoints()) {
        pack(piece.zeros(), row, groups, zeros);
      }
    }
    done += piece.rows();
  }

  private void pack(byte[] from, int row, int count, byte[] into) {
    int rowBytes = BitCodes.bytes(levels.bits(), count);
    BitCodes.pack(levels.bits(), from, row * count, count, into, (done + row) * rowBytes);
  }

  @Override
  public PackedIntegers build() {
    if (done != rows) {
      throw new IllegalStateException("Found %d of %d rows".formatted(done, rows));
    }
    return new PackedIntegers(rows, columns, levels, codes, scales, zeros);
  }
}
