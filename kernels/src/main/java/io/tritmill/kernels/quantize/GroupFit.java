package io.tritmill.kernels.quantize;

/** Chooses the scales of one group and, for scales once rounded, the levels that are nearest. */
sealed interface GroupFit permits OnePlane, TwoPlanes, ThreePlanes, TiedPlanes {
  /** Writes the scales of least error, in descending order, as far as the method finds them. */
  void scales(SortedMagnitudes group, double[] into);

  /** Appends the levels that these scales make, and the thresholds halfway between them. */
  void levels(float[] scales, Grid grid);
}
