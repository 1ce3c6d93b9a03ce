package io.tritmill.kernels.simd.product;

/**
 * The loops around the tile for {@code GemmUpdate}.
 *
 * <p>They are those of {@link GemmDriver}, with three differences: rows of a are negated when they
 * are packed, chains begin in c, and tiles below a diagonal can be left out. A tile that reaches
 * over the edge of c, or over its diagonal, is computed beside it.
 */
public final class GemmUpdateDriver {
  /** Floats of the left operand that are packed at once. */
  private static final int ROOM = 1 << 22;

  /** Columns of the right operand that are packed at once, about. */
  private static final int BAND = 256;

  /** A diagonal so far to the left that every element lies above it. */
  private static final int NO_DIAGONAL = -(1 << 30);

  private static final GemmTile TILE = ProductChoice.TILE;
  private static final int HEIGHT = TILE.rows();
  private static final int WIDTH = TILE.columns();
  private static final ThreadLocal<GemmUpdateDriver> OF_THREAD =
      ThreadLocal.withInitial(GemmUpdateDriver::new);

  private final GemmPanels left = new GemmPanels(TILE, HEIGHT);
  private final GemmPanels right = new GemmPanels(TILE, WIDTH);
  private final float[] edge = new float[HEIGHT * WIDTH];

  private GemmUpdateDriver() {}

  /** The driver, with its scratch memory, of this thread. */
  public static GemmUpdateDriver ofThread() {
    return OF_THREAD.get();
  }

  /** Fills the panels with one block of k of {@code count} columns from {@code first} on. */
  private interface RightOperand {
    void pack(int first, int count, int block);
  }

  public void subtractTransposed(
      int m,
      int n,
      int k,
      float[] a,
      int aOffset,
      int aStride,
      float[] b,
      int bOffset,
      int bStride,
      float[] c,
      int cOffset,
      int cStride) {
    RightOperand rows =
        (first, count, block) ->
            right.fillWithRows(count, b, bOffset + first * bStride + block, bStride);
    subtract(m, n, k, a, aOffset, aStride, rows, NO_DIAGONAL, c, cOffset, cStride);
  }

  public void subtract(
      int m,
      int n,
      int k,
      float[] a,
      int aOffset,
      int aStride,
      float[] b,
      int bOffset,
      int bStride,
      float[] c,
      int cOffset,
      int cStride) {
    RightOperand columns =
        (first, count, block) ->
            right.fillWithColumns(count, b, bOffset + block * bStride + first, bStride);
    subtract(m, n, k, a, aOffset, aStride, columns, NO_DIAGONAL, c, cOffset, cStride);
  }

  /**
   * The first rows of c -= a a', on and above the diagonal alone.
   *
   * @param m rows of c that are written
   * @param n rows of a, columns of c
   */
  public void subtractUpper(
      int m,
      int n,
      int k,
      float[] a,
      int aOffset,
      int aStride,
      float[] c,
      int cOffset,
      int cStride) {
    RightOperand rows =
        (first, count, block) ->
            right.fillWithRows(count, a, aOffset + first * aStride + block, aStride);
    subtract(m, n, k, a, aOffset, aStride, rows, 0, c, cOffset, cStride);
  }

  /**
   * @param diagonal column at which the diagonal meets row 0; what lies left of it is not written
   */
  private void subtract(
      int m,
      int n,
      int k,
      float[] a,
      int aOffset,
      int aStride,
      RightOperand b,
      int diagonal,
      float[] c,
      int cOffset,
      int cStride) {
    if (k == 0) {
      return;
    }
    int rowsAtOnce = Math.max(1, ROOM / k / HEIGHT) * HEIGHT;
    int columnsAtOnce = m <= HEIGHT ? WIDTH : Math.ceilDiv(BAND, WIDTH) * WIDTH;
    for (int i = 0; i < m; i += rowsAtOnce) {
      int iCount = Math.min(rowsAtOnce, m - i);
      packLeft(iCount, k, a, aOffset + i * aStride, aStride);
      int first = Math.max(0, diagonal + i) / columnsAtOnce * columnsAtOnce;
      for (int j = first; j < n; j += columnsAtOnce) {
        int jCount = Math.min(columnsAtOnce, n - j);
        for (int block = 0; block < k; block += GemmPanels.DEPTH) {
          right.reset(Math.ceilDiv(jCount, WIDTH), left.depth(block));
          b.pack(j, jCount, block);
          int corner = cOffset + i * cStride + j;
          subtractBlock(block, iCount, jCount, diagonal + i - j, c, corner, cStride);
        }
      }
    }
  }

  private void packLeft(int rows, int k, float[] a, int offset, int stride) {
    int panels = Math.ceilDiv(rows, HEIGHT);
    left.reset(panels, k);
    left.fillWithRows(rows, a, offset, stride);
    float[] values = left.values();
    int last = (k - 1) / GemmPanels.DEPTH * GemmPanels.DEPTH;
    int end = left.at(panels - 1, last) + left.depth(last) * HEIGHT;
    for (int p = 0; p < end; p++) {
      values[p] = -values[p];
    }
  }

  /** Subtracts one block of k from the part of c that the packed panels cover. */
  private void subtractBlock(
      int block, int iCount, int jCount, int diagonal, float[] c, int corner, int cStride) {
    int depth = left.depth(block);
    for (int i = 0; i < iCount; i += HEIGHT) {
      int aAt = left.at(i / HEIGHT, block);
      int down = Math.min(HEIGHT, iCount - i);
      int reach = diagonal + i;
      for (int j = Math.max(0, reach) / WIDTH * WIDTH; j < jCount; j += WIDTH) {
        int bAt = right.at(j / WIDTH, 0);
        int cAt = corner + i * cStride + j;
        int across = Math.min(WIDTH, jCount - j);
        boolean whole = down == HEIGHT && across == WIDTH && reach + down - 1 <= j;
        float[] target = whole ? c : edge;
        int at = whole ? cAt : 0;
        int stride = whole ? cStride : WIDTH;
        if (!whole) {
          load(down, across, c, cAt, cStride);
        }
        TILE.multiply(depth, left.values(), aAt, right.values(), bAt, target, at, stride, true);
        if (!whole) {
          store(down, across, reach - j, c, cAt, cStride);
        }
      }
    }
  }

  private void load(int down, int across, float[] c, int cAt, int cStride) {
    for (int r = 0; r < down; r++) {
      System.arraycopy(c, cAt + r * cStride, edge, r * WIDTH, across);
    }
  }

  /**
   * @param diagonal column at which the diagonal meets row 0 of the tile
   */
  private void store(int down, int across, int diagonal, float[] c, int cAt, int cStride) {
    for (int r = 0; r < down; r++) {
      int first = Math.max(0, diagonal + r);
      if (first < across) {
        System.arraycopy(edge, r * WIDTH + first, c, cAt + r * cStride + first, across - first);
      }
    }
  }
}
