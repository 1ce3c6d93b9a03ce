package io.tritmill.kernels.quantize.band;

import io.tritmill.kernels.code.Grid;

/** Fits the grids of groups to their weights, which are finite. */
public interface GroupRule {
  /** Is told of a row before its groups are asked for. */
  default void beginRow(float[] w, int offset, int columns) {}

  /**
   * Fills the grid of the next group of the row, beginning with {@link Grid#begin}.
   *
   * @param group number of the group within its row
   */
  void fit(float[] w, int offset, int length, int group, Grid grid);
}
