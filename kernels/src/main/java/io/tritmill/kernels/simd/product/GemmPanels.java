package io.tritmill.kernels.simd.product;

/**
 * An operand of a product, copied into the order in which tiles read it.
 *
 * <p>The steps of k are cut into blocks of {@link #DEPTH}, so that what a tile reads stays in the
 * nearest caches. A block holds its panels one after the other, and a panel its steps. The array
 * grows to the largest operand seen and is used again. What stands in the places of rows or columns
 * that an operand lacks has no meaning: no element of a product that is kept depends on it.
 */
final class GemmPanels {
  /** Steps of k in a block; the last block may have fewer. */
  static final int DEPTH = 512;

  private final GemmTile tile;
  private final int width;
  private final float[] scratch;
  private float[] values = {};
  private int count;
  private int steps;

  /**
   * @param width rows or columns that a panel interleaves
   */
  GemmPanels(GemmTile tile, int width) {
    this.tile = tile;
    this.width = width;
    scratch = new float[tile.lanes() * tile.lanes()];
  }

  /** Makes room for {@code count} panels of so many steps; their contents are undefined. */
  void reset(int count, int steps) {
    this.count = count;
    this.steps = steps;
    int size = Math.addExact(Math.multiplyExact(count * width, steps), slack(steps + DEPTH));
    if (values.length < size) {
      values = new float[size];
    }
  }

  float[] values() {
    return values;
  }

  /** Where the panel's part of the block that begins at step {@code block} lies. */
  int at(int panel, int block) {
    return (block * count + panel * depth(block)) * width + slack(block);
  }

  /** Steps of the block that begins at step {@code block}. */
  int depth(int block) {
    return Math.min(DEPTH, steps - block);
  }

  /** Room after every block for the lanes in which the last step of its last panel overflows. */
  private int slack(int step) {
    return step / DEPTH * tile.lanes();
  }

  /** Fills the panels with rows of a row-major matrix. */
  void fillWithRows(int rows, float[] source, int from, int stride) {
    // In ascending order, because the last step of a panel overflows into the next one.
    for (int panel = 0, r = 0; r < rows; panel++, r += width) {
      fillWithRows(panel, Math.min(width, rows - r), source, from + r * stride, stride);
    }
  }

  private void fillWithRows(int panel, int rows, float[] source, int from, int stride) {
    int lanes = tile.lanes();
    for (int block = 0; block < steps; block += DEPTH) {
      int at = at(panel, block);
      // Descending, because the last rows of a step overflow into the first ones of the next.
      for (int row = (rows - 1) / lanes * lanes; row >= 0; row -= lanes) {
        tile.interleave(
            Math.min(lanes, rows - row),
            depth(block),
            source,
            from + row * stride + block,
            stride,
            values,
            at + row,
            width,
            scratch);
      }
    }
  }

  /** Fills the panels with columns of a row-major matrix, a row at a time. */
  void fillWithColumns(int columns, float[] source, int from, int stride) {
    for (int block = 0; block < steps; block += DEPTH) {
      for (int p = 0; p < depth(block); p++) {
        int row = from + (block + p) * stride;
        for (int panel = 0, j = 0; j < columns; panel++, j += width) {
          int present = Math.min(width, columns - j);
          System.arraycopy(source, row + j, values, at(panel, block) + p * width, present);
        }
      }
    }
  }
}
