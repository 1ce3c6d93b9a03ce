package io.tritmill.kernels.quantize.compensate;

/**
 * How the columns are cut: into units, the remainder of the matrix being updated after each, and
 * these into panels, of which one column after the other is taken.
 *
 * <p>A unit holds whole groups; a panel never reaches over the end of its group, so that a group
 * always begins with all weights up to date.
 *
 * @param columns number of columns
 * @param groupWidth columns of a group
 */
record ColumnBlocks(int columns, int groupWidth) {
  /** Most columns of a panel; about as many as a unit of narrow groups has. */
  static final int WIDTH = 128;

  /** The end of the unit that begins at a column. */
  int unitEnd(int begin) {
    int groups = Math.max(1, WIDTH / groupWidth);
    return (int) Math.min(columns, begin + (long) groups * groupWidth);
  }

  /** The end of the panel that begins at a column. */
  int panelEnd(int begin) {
    int groupEnd = (int) Math.min(columns, (begin / groupWidth + 1L) * groupWidth);
    return Math.min(groupEnd, begin + WIDTH);
  }
}
