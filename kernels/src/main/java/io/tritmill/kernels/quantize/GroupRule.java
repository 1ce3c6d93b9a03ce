package io.tritmill.kernels.quantize;

/** Fits the grid of one group to its weights. */
@FunctionalInterface
interface GroupRule {
  /**
   * Fills the grid, beginning with {@link Grid#begin}.
   *
   * @param w finite weights, {@code length} of them from {@code offset} on
   * @param row the row that an error message names
   */
  void fit(float[] w, int offset, int length, int row, Grid grid);
}
