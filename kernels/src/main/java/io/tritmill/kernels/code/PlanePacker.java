package io.tritmill.kernels.code;

import io.tritmill.kernels.tensor.DType;

/**
 * Packs a matrix some rows at a time, so that its trits are never in memory as bytes all at once.
 *
 * <p>A plane is one run of trits, five to a byte. So every piece but the last holds a multiple of
 * five weights, as {@code PackedBand.rows} makes them. Where rows differ in the number of their
 * planes, the only piece is the whole.
 */
final class PlanePacker implements Packer {
  private final int rows;
  private final int columns;
  private final PlaneLayout layout;
  private final byte[] trits;
  private final byte[] scales;
  private int done;

  /**
   * A builder of a matrix.
   *
   * @param layout planes, groups and tie of all pieces
   */
  PlanePacker(int rows, int columns, PlaneLayout layout) {
    this.rows = rows;
    this.columns = columns;
    this.layout = layout;
    trits = new byte[Math.toIntExact(PackedPlanes.tritBytes(layout, rows, columns))];
    scales = new byte[Math.toIntExact(2 * layout.scales(rows, columns))];
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException also if they have trits in a plane that they do not have
   */
  @Override
  public void add(Coded next) {
    TritPlanes piece = next.planes();
    requireNext(piece);
    for (int plane = 0; plane < layout.planes(); plane++) {
      byte[] run = layout.byRow() ? stored(piece, plane) : piece.trits()[plane];
      long begin = PackedPlanes.planeBegin(layout, plane, rows, columns);
      int at = (int) (begin + (long) done * columns / FiveTrits.PER_BYTE);
      FiveTrits.pack(run, 0, run.length, trits, at);
    }
    float[] values = piece.scales();
    boolean shared = layout.group().kind() == Group.Kind.TENSOR;
    int scaleBegin = shared ? 0 : Math.toIntExact(2 * layout.scales(done, columns));
    DType.F16.encode(values, 0, scales, scaleBegin, values.length);
    done += piece.rows();
  }

  private void requireNext(TritPlanes piece) {
    boolean fits =
        piece.columns() == columns
            && piece.layout().equals(layout)
            && piece.rows() <= rows - done
            && (long) done * columns % FiveTrits.PER_BYTE == 0;
    if (!fits) {
      throw new IllegalArgumentException(
          "Found %d x %d trits of %s after %d of %d x %d rows of %s"
              .formatted(
                  piece.rows(), piece.columns(), piece.layout(), done, rows, columns, layout));
    }
  }

  /** The trits of a plane in the rows that have it. */
  private static byte[] stored(TritPlanes planes, int plane) {
    PlaneLayout layout = planes.layout();
    int columns = planes.columns();
    byte[] all = planes.trits()[plane];
    byte[] run = new byte[layout.rowsOf(plane, planes.rows()) * columns];
    for (int row = 0; row < planes.rows(); row++) {
      if (layout.firstPlane(row) <= plane) {
        int to = layout.rowsBefore(plane, row) * columns;
        System.arraycopy(all, row * columns, run, to, columns);
        continue;
      }
      for (int i = row * columns; i < (row + 1) * columns; i++) {
        if (all[i] != 0) {
          throw new IllegalArgumentException(
              "Row %d has trits in plane %d, expected none before plane %d"
                  .formatted(row, plane, layout.firstPlane(row)));
        }
      }
    }
    return run;
  }

  @Override
  public PackedPlanes build() {
    if (done != rows) {
      throw new IllegalStateException("Found %d of %d rows".formatted(done, rows));
    }
    return new PackedPlanes(rows, columns, layout, trits, scales);
  }
}
