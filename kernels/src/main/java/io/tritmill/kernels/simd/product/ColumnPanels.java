package io.tritmill.kernels.simd.product;

/**
 * The columns of a tall matrix, copied into the order in which tiles read them.
 *
 * <p>Rows are the steps of the product. They are cut into chains; a chain holds its panels one
 * after the other, and a panel its steps. The array grows to the largest operand seen and is used
 * again. What stands in the places of columns that a panel lacks has no meaning.
 */
final class ColumnPanels {
  /** Rows that are copied for all panels in turn: enough to write, few enough to find again. */
  private static final int ROWS = 16;

  private static final MatrixOps OPS = ProductChoice.MATRIX_OPS;

  private final int width;
  private float[] values = {};
  private int rows;

  /**
   * @param width columns of a panel
   */
  ColumnPanels(int width) {
    this.width = width;
  }

  /** Makes room for {@code panels} panels of so many steps; their contents are undefined. */
  void reset(int panels, int rows) {
    this.rows = rows;
    int size = Math.multiplyExact(panels * width, rows);
    if (values.length < size) {
      values = new float[size];
    }
  }

  float[] values() {
    return values;
  }

  /** Where a panel begins. */
  int at(int panel) {
    return panel * rows * width;
  }

  /**
   * Fills panels with neighbouring columns.
   *
   * @param panel the first panel
   * @param columns columns that exist; the last panel may have fewer than the others
   */
  void fill(int panel, int columns, float[] source, int from, int stride) {
    for (int r = 0; r < rows; r += ROWS) {
      int count = Math.min(ROWS, rows - r);
      int row = from + r * stride;
      for (int p = panel, j = 0; j < columns; p++, j += width) {
        fill(count, Math.min(width, columns - j), source, row + j, stride, at(p) + r * width);
      }
    }
  }

  private void fill(int count, int present, float[] source, int from, int stride, int at) {
    if (present == width) {
      OPS.gather(count, width, source, from, stride, values, at);
      return;
    }
    for (int p = 0; p < count; p++) {
      System.arraycopy(source, from + p * stride, values, at + p * width, present);
    }
  }
}
