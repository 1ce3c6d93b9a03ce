package io.tritmill.kernels.simd;

import java.util.Arrays;

/**
 * The loops around the tile: which panels are packed when, and in what order tiles are computed.
 *
 * <p>Rows of a are packed once for as many of them as fit a fixed room; columns of b follow in
 * bands, each of which stays in the second cache for one block of k while the panels of a pass by.
 * A tile that reaches over the edge of c is computed beside it. Scratch memory belongs to the
 * thread and is kept: the packed rows, at most {@link #ROOM} floats or one panel, and one band of
 * columns.
 */
final class GemmDriver {
  /** Floats of the left operand that are packed at once. */
  private static final int ROOM = 1 << 22;

  /** Columns of the right operand that are packed at once, about. */
  private static final int BAND = 256;

  private static final GemmTile TILE = Implementation.TILE;
  private static final ThreadLocal<GemmDriver> OF_THREAD = ThreadLocal.withInitial(GemmDriver::new);

  private final GemmPanels left = new GemmPanels(TILE, TILE.rows());
  private final GemmPanels right = new GemmPanels(TILE, TILE.columns());
  private final float[] edge = new float[TILE.rows() * TILE.columns()];
  private float[] rows = {};

  private GemmDriver() {}

  /** The driver, with its scratch memory, of this thread. */
  static GemmDriver ofThread() {
    return OF_THREAD.get();
  }

  /** Packs columns of the right operand. */
  interface RightOperand {
    /** Announces that columns {@code [first, first + count)} are needed next. */
    default void open(int first, int count) {}

    /**
     * Fills a panel with one block of k.
     *
     * @param first the panel's first column
     * @param count columns that exist, 1 to the panel's width
     * @param block the block's first step
     */
    void pack(GemmPanels panels, int panel, int first, int count, int block);
  }

  void multiplyTransposed(
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
    RightOperand operand =
        (panels, panel, first, count, block) ->
            panels.fillWithRows(panel, count, b, bOffset + first * bStride + block, bStride);
    multiply(m, n, k, a, aOffset, aStride, operand, c, cOffset, cStride);
  }

  void multiply(
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
    RightOperand operand =
        (panels, panel, first, count, block) ->
            panels.fillWithColumns(panel, count, b, bOffset + block * bStride + first, bStride);
    multiply(m, n, k, a, aOffset, aStride, operand, c, cOffset, cStride);
  }

  void multiplyTransposed(int m, float[] a, RowSource b, float[] c) {
    multiply(m, b.rows(), b.columns(), a, 0, b.columns(), new Decoded(b), c, 0, b.rows());
  }

  /** Rows that are decoded for a band of columns of b' at a time. */
  private final class Decoded implements RightOperand {
    private final RowSource source;
    private int firstRow;

    Decoded(RowSource source) {
      this.source = source;
    }

    @Override
    public void open(int first, int count) {
      int size = Math.multiplyExact(count, source.columns());
      if (rows.length < size) {
        rows = new float[size];
      }
      source.decode(first, count, rows, 0);
      firstRow = first;
    }

    @Override
    public void pack(GemmPanels panels, int panel, int first, int count, int block) {
      int from = (first - firstRow) * source.columns() + block;
      panels.fillWithRows(panel, count, rows, from, source.columns());
    }
  }

  private void multiply(
      int m,
      int n,
      int k,
      float[] a,
      int aOffset,
      int aStride,
      RightOperand b,
      float[] c,
      int cOffset,
      int cStride) {
    if (k == 0) {
      for (int i = 0; i < m; i++) {
        Arrays.fill(c, cOffset + i * cStride, cOffset + i * cStride + n, 0);
      }
      return;
    }
    int height = TILE.rows();
    int width = TILE.columns();
    int rowsAtOnce = Math.max(1, ROOM / k / height) * height;
    // For a few rows, what was packed is used at once or never again.
    int columnsAtOnce = m <= height ? width : Math.ceilDiv(BAND, width) * width;
    for (int i = 0; i < m; i += rowsAtOnce) {
      int iCount = Math.min(rowsAtOnce, m - i);
      left.reset(Math.ceilDiv(iCount, height), k);
      for (int r = 0; r < iCount; r += height) {
        int count = Math.min(height, iCount - r);
        left.fillWithRows(r / height, count, a, aOffset + (i + r) * aStride, aStride);
      }
      for (int j = 0; j < n; j += columnsAtOnce) {
        int jCount = Math.min(columnsAtOnce, n - j);
        b.open(j, jCount);
        for (int block = 0; block < k; block += GemmPanels.DEPTH) {
          right.reset(Math.ceilDiv(jCount, width), left.depth(block));
          for (int s = 0; s < jCount; s += width) {
            b.pack(right, s / width, j + s, Math.min(width, jCount - s), block);
          }
          multiplyBlock(block, iCount, jCount, c, cOffset + i * cStride + j, cStride);
        }
      }
    }
  }

  /** Adds one block of k to the part of c that the packed panels cover. */
  private void multiplyBlock(
      int block, int iCount, int jCount, float[] c, int corner, int cStride) {
    int height = TILE.rows();
    int width = TILE.columns();
    int depth = left.depth(block);
    boolean resume = block > 0;
    for (int i = 0; i < iCount; i += height) {
      int aAt = left.at(i / height, block);
      for (int j = 0; j < jCount; j += width) {
        int bAt = right.at(j / width, 0);
        int cAt = corner + i * cStride + j;
        if (i + height <= iCount && j + width <= jCount) {
          TILE.multiply(depth, left.values(), aAt, right.values(), bAt, c, cAt, cStride, resume);
        } else {
          int down = Math.min(height, iCount - i);
          int across = Math.min(width, jCount - j);
          if (resume) {
            copy(down, across, c, cAt, cStride, edge, 0, width);
          }
          TILE.multiply(depth, left.values(), aAt, right.values(), bAt, edge, 0, width, resume);
          copy(down, across, edge, 0, width, c, cAt, cStride);
        }
      }
    }
  }

  private static void copy(
      int down,
      int across,
      float[] source,
      int from,
      int stride,
      float[] into,
      int at,
      int intoStride) {
    for (int r = 0; r < down; r++) {
      System.arraycopy(source, from + r * stride, into, at + r * intoStride, across);
    }
  }
}
