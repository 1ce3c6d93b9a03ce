package io.tritmill.kernels.quantize.fit;

/**
 * What the scale of tied planes depends on, for the magnitudes |w| of one group.
 *
 * <p>At scale s a magnitude takes the level k, 0 to the top one, whose k s is nearest.
 */
interface LevelSums {
  /** Takes the weights of a group, at least 1. */
  void load(float[] w, int offset, int count);

  /** The largest magnitude. */
  double largest();

  double rootMeanSquare();

  /** Chooses the levels for a scale above 0. */
  void choose(double scale);

  /** Sum of k |w| over the levels chosen. */
  double product();

  /** Sum of k^2 over the levels chosen. */
  double square();
}
