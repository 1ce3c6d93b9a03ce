package io.tritmill.kernels.simd.product;

/** A tile in plain loops that the compiler can turn into vectors by itself. */
final class ScalarTile implements GemmTile {
  private static final int ROWS = 4;
  private static final int COLUMNS = 32;

  @Override
  public int rows() {
    return ROWS;
  }

  @Override
  public int columns() {
    return COLUMNS;
  }

  @Override
  public int lanes() {
    return ROWS;
  }

  @Override
  public void multiply(
      int depth,
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride,
      boolean resume) {
    float[] sums = new float[COLUMNS];
    for (int r = 0; r < ROWS; r++) {
      int row = cAt + r * cStride;
      for (int j = 0; j < COLUMNS; j++) {
        sums[j] = resume ? c[row + j] : 0;
      }
      for (int p = 0; p < depth; p++) {
        float factor = a[aAt + p * ROWS + r];
        for (int j = 0; j < COLUMNS; j++) {
          sums[j] = Math.fma(factor, b[bAt + p * COLUMNS + j], sums[j]);
        }
      }
      System.arraycopy(sums, 0, c, row, COLUMNS);
    }
  }

  @Override
  public void interleave(
      int rows,
      int depth,
      float[] source,
      int from,
      int stride,
      float[] into,
      int at,
      int intoStride,
      float[] scratch) {
    for (int p = 0; p < depth; p++) {
      for (int r = 0; r < rows; r++) {
        into[at + p * intoStride + r] = source[from + r * stride + p];
      }
    }
  }
}
