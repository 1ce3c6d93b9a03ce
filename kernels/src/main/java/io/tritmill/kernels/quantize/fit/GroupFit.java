package io.tritmill.kernels.quantize.fit;

import io.tritmill.kernels.code.Grid;

/** Chooses the scales of groups and, for scales once rounded, the levels that are nearest. */
public sealed interface GroupFit permits OnePlane, TwoPlanes, ThreePlanes, TiedPlanes {
  /**
   * Writes the scales of least error of every group of a row, as far as the method finds them.
   *
   * @param w finite weights, {@code columns} of them from {@code offset} on
   * @param width columns of a group; the last may have fewer
   * @param scales (groups, scales of a group), in descending order within a group
   */
  void fitRow(float[] w, int offset, int columns, int width, double[] scales);

  /** Appends the levels that these scales make, and the thresholds halfway between them. */
  void levels(float[] scales, Grid grid);
}
