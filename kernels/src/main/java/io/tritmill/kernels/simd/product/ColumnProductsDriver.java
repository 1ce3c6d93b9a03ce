package io.tritmill.kernels.simd.product;

/**
 * The loops around the tile for products between columns.
 *
 * <p>Both operands are packed whole, for one chain of rows. The columns of a strip stay in the
 * second cache while the panels of x pass by, and a panel's rows of a strip lie together, so that
 * the sums are read and written as a stream. Scratch memory belongs to the thread and is kept: both
 * packed operands.
 */
public final class ColumnProductsDriver {
  /** Columns of a strip. */
  public static final int STRIP = 256;

  private static final GemmTile TILE = ProductChoice.TILE;
  private static final MatrixOps OPS = ProductChoice.MATRIX_OPS;
  private static final int HEIGHT = TILE.rows();
  private static final int WIDTH = TILE.columns();

  /** Panels of the right operand that a whole strip takes. */
  private static final int PANELS = Math.ceilDiv(STRIP, WIDTH);

  private static final ThreadLocal<ColumnProductsDriver> OF_THREAD =
      ThreadLocal.withInitial(ColumnProductsDriver::new);

  private final ColumnPanels left = new ColumnPanels(HEIGHT);
  private final ColumnPanels right = new ColumnPanels(WIDTH);
  private final float[] tile = new float[HEIGHT * WIDTH];

  private ColumnProductsDriver() {}

  /** Number of strips of a matrix with so many columns. */
  public static int strips(int columns) {
    return Math.ceilDiv(columns, STRIP);
  }

  /** Columns of one strip of a matrix with so many columns. */
  public static int stripColumns(int columns, int strip) {
    return Math.min(STRIP, columns - strip * STRIP);
  }

  /** The driver, with its scratch memory, of this thread. */
  public static ColumnProductsDriver ofThread() {
    return OF_THREAD.get();
  }

  /**
   * Adds to one of every few of the strips {@code [first, end)}.
   *
   * @param part the first of them, counted from {@code first} on
   * @param parts from one to the next
   */
  public void addSquare(
      int rows,
      int columns,
      float[] x,
      int offset,
      int stride,
      int first,
      int end,
      int part,
      int parts,
      double[][] c) {
    packLeft(rows, Math.min(columns, end * STRIP), x, offset, stride);
    packRight(rows, columns, x, offset, stride, first + part, end, parts);
    for (int s = first + part; s < end; s += parts) {
      int column = s * STRIP;
      int width = stripColumns(columns, s);
      addStrip(rows, s, column + width, column, width, c[s - first]);
    }
  }

  public void addProduct(
      int rows,
      int xColumns,
      float[] x,
      int xOffset,
      int xStride,
      int yColumns,
      float[] y,
      int yOffset,
      int yStride,
      int part,
      int parts,
      double[][] c) {
    int strips = strips(yColumns);
    packLeft(rows, xColumns, x, xOffset, xStride);
    packRight(rows, yColumns, y, yOffset, yStride, part, strips, parts);
    for (int s = part; s < strips; s += parts) {
      addStrip(rows, s, xColumns, xColumns, stripColumns(yColumns, s), c[s]);
    }
  }

  private void packLeft(int rows, int columns, float[] x, int offset, int stride) {
    left.reset(Math.ceilDiv(columns, HEIGHT), rows);
    left.fill(0, columns, x, offset, stride);
  }

  /** Packs the right operand so that every strip begins with a panel of its own. */
  private void packRight(
      int rows, int columns, float[] y, int offset, int stride, int first, int end, int step) {
    right.reset(strips(columns) * PANELS, rows);
    for (int s = first; s < end; s += step) {
      int width = stripColumns(columns, s);
      right.fill(s * PANELS, width, y, offset + s * STRIP, stride);
    }
  }

  /**
   * Adds to the first {@code cRows} rows of a strip.
   *
   * @param diagonal the row of the strip's first column: tiles wholly below the line that begins
   *     there are left out
   */
  private void addStrip(int rows, int strip, int cRows, int diagonal, int cColumns, double[] c) {
    for (int i = 0; i < cRows; i += HEIGHT) {
      int down = Math.min(HEIGHT, cRows - i);
      int aAt = left.at(i / HEIGHT);
      for (int panel = Math.max(0, i - diagonal) / WIDTH; panel * WIDTH < cColumns; panel++) {
        int j = panel * WIDTH;
        int bAt = right.at(strip * PANELS + panel);
        TILE.multiply(rows, left.values(), aAt, right.values(), bAt, tile, 0, WIDTH, false);
        int across = Math.min(WIDTH, cColumns - j);
        OPS.addTile(down, across, tile, WIDTH, c, i * cColumns + j, cColumns);
      }
    }
  }
}
