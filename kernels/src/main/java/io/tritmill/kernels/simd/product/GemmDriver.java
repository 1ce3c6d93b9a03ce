package io.tritmill.kernels.simd.product;

import io.tritmill.kernels.simd.RowSource;
import java.util.Arrays;

/**
 * The loops around the tile: what is packed when, and in what order tiles are computed.
 *
 * <p>Rows of a are packed for as many of them as have room; columns of b follow in bands, of which
 * one block of k at a time is packed and stays in the second cache while the panels of a pass by.
 * Where all of a stays there, a band is a single panel. A tile that reaches over the edge of c is
 * computed beside it. A single row, bound by reading b, is multiplied without packing anything.
 *
 * <p>Scratch memory belongs to the thread and is kept: for a at most {@link #ROOM} floats or one
 * panel, for b one block of a band, and the band's rows where they must be decoded. So decoding
 * must not itself multiply.
 */
public final class GemmDriver {
  /** Floats of a that are packed at once, or one panel where that is more. */
  private static final int ROOM = 1 << 22;

  /** Floats of a that the second cache holds beside everything else. */
  private static final int NEAR = 3 << 16;

  /** Rows that are decoded at once for a single row of a. */
  private static final int ROWS = 32;

  private static final ThreadLocal<GemmDriver> OF_THREAD =
      ThreadLocal.withInitial(
          () -> new GemmDriver(ProductChoice.TILE, ROOM, NEAR, band(ProductChoice.TILE)));

  private final GemmTile tile;
  private final int room;
  private final int near;
  private final int band;
  private final GemmPanels left;
  private final GemmPanels right;
  private final float[] edge;
  private float[] rows = {};

  /** A driver with other limits than {@link #ofThread} has. */
  GemmDriver(GemmTile tile, int room, int near, int band) {
    this.tile = tile;
    this.room = room;
    this.near = near;
    this.band = band;
    left = new GemmPanels(tile, tile.rows());
    right = new GemmPanels(tile, tile.columns());
    edge = new float[tile.rows() * tile.columns()];
  }

  /**
   * Columns of a band, where a is larger than that. A low tile reads the block of b so much more
   * often that it must lie in the second cache; a high one works well from the third.
   */
  private static int band(GemmTile tile) {
    return tile.rows() > 8 ? 1024 : 256;
  }

  /** The driver, with its scratch memory, of this thread. */
  public static GemmDriver ofThread() {
    return OF_THREAD.get();
  }

  /** Packs columns of the right operand. */
  private interface RightOperand {
    /** Announces that columns {@code [first, first + count)} are needed next. */
    default void open(int first, int count) {}

    /** Fills the panels with the steps from {@code block} on of those columns. */
    void pack(GemmPanels panels, int first, int count, int block);
  }

  public void multiplyTransposed(
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
    if (m == 1) {
      RowProducts.multiply(n, k, a, aOffset, b, bOffset, bStride, c, cOffset);
      return;
    }
    RightOperand operand =
        (panels, first, count, block) ->
            panels.fillWithRows(count, b, bOffset + first * bStride + block, bStride);
    multiply(m, n, k, a, aOffset, aStride, operand, c, cOffset, cStride);
  }

  public void multiply(
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
        (panels, first, count, block) ->
            panels.fillWithColumns(count, b, bOffset + block * bStride + first, bStride);
    multiply(m, n, k, a, aOffset, aStride, operand, c, cOffset, cStride);
  }

  public void multiplyTransposed(
      int m, float[] a, RowSource b, float[] c, int cOffset, int cStride) {
    if (m == 1) {
      multiplyRow(a, b, c, cOffset);
      return;
    }
    multiply(m, b.rows(), b.columns(), a, 0, b.columns(), new Decoded(b), c, cOffset, cStride);
  }

  private void multiplyRow(float[] a, RowSource b, float[] c, int cOffset) {
    Decoded decoded = new Decoded(b);
    int k = b.columns();
    for (int j = 0; j < b.rows(); j += ROWS) {
      int count = Math.min(ROWS, b.rows() - j);
      decoded.open(j, count);
      RowProducts.multiply(count, k, a, 0, rows, 0, k, c, cOffset + j);
    }
  }

  /** Rows that are decoded for a band of columns of b' at a time. */
  private final class Decoded implements RightOperand {
    private final RowSource source;

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
    }

    @Override
    public void pack(GemmPanels panels, int first, int count, int block) {
      panels.fillWithRows(count, rows, block, source.columns());
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
    int height = tile.rows();
    int width = tile.columns();
    int rowsAtOnce = Math.max(1, room / k / height) * height;
    boolean onePanel = m <= height || (long) m * k <= near;
    int columnsAtOnce = onePanel ? width : Math.ceilDiv(band, width) * width;
    for (int i = 0; i < m; i += rowsAtOnce) {
      int iCount = Math.min(rowsAtOnce, m - i);
      left.reset(Math.ceilDiv(iCount, height), k);
      left.fillWithRows(iCount, a, aOffset + i * aStride, aStride);
      for (int j = 0; j < n; j += columnsAtOnce) {
        int jCount = Math.min(columnsAtOnce, n - j);
        b.open(j, jCount);
        for (int block = 0; block < k; block += GemmPanels.DEPTH) {
          right.reset(Math.ceilDiv(jCount, width), left.depth(block));
          b.pack(right, j, jCount, block);
          multiplyBlock(block, iCount, jCount, c, cOffset + i * cStride + j, cStride);
        }
      }
    }
  }

  /** Adds one block of k to the part of c that the packed panels cover. */
  private void multiplyBlock(
      int block, int iCount, int jCount, float[] c, int corner, int cStride) {
    int height = tile.rows();
    for (int i = 0; i < iCount; i += height) {
      int aAt = left.at(i / height, block);
      multiplyRows(
          block, aAt, Math.min(height, iCount - i), jCount, c, corner + i * cStride, cStride);
    }
  }

  /** Computes a row of tiles, of which the first {@code down} rows are in c. */
  private void multiplyRows(
      int block, int aAt, int down, int jCount, float[] c, int corner, int cStride) {
    int width = tile.columns();
    int depth = left.depth(block);
    boolean resume = block > 0;
    for (int j = 0; j < jCount; j += width) {
      int bAt = right.at(j / width, 0);
      int cAt = corner + j;
      int across = Math.min(width, jCount - j);
      boolean whole = down == tile.rows() && across == width;
      float[] target = whole ? c : edge;
      int at = whole ? cAt : 0;
      int stride = whole ? cStride : width;
      if (!whole && resume) {
        copy(down, across, c, cAt, cStride, edge, 0, width);
      }
      tile.multiply(depth, left.values(), aAt, right.values(), bAt, target, at, stride, resume);
      if (!whole) {
        copy(down, across, edge, 0, width, c, cAt, cStride);
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
