package io.tritmill.kernels.code;

import io.tritmill.kernels.simd.TernarySource;

/** The rows of a small matrix again and again. */
public final class RepeatedRows implements TernarySource {
  private final TritPlanes planes;
  private final int rows;

  public RepeatedRows(TritPlanes planes, int rows) {
    this.planes = planes;
    this.rows = rows;
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return planes.columns();
  }

  @Override
  public int planes() {
    return planes.layout().planes();
  }

  @Override
  public boolean tied() {
    return planes.layout().tied();
  }

  @Override
  public int groupColumns() {
    return planes.layout().group().width(columns());
  }

  @Override
  public void trits(int plane, int row, byte[] into) {
    int from = row % planes.rows() * columns();
    System.arraycopy(planes.trits()[plane], from, into, 0, columns());
  }

  @Override
  public void scales(int row, float[] into) {
    int from = row % planes.rows() * into.length;
    System.arraycopy(planes.scales(), from, into, 0, into.length);
  }
}
