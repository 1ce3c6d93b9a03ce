package io.tritmill.kernels.quantize.fit;

/** Chooses the integers that one group of a row may take, and what they are multiplied by. */
public interface IntegerFit {
  /**
   * Fits a group.
   *
   * @param row row within the band, for an error message or where rows differ
   */
  void fit(float[] w, int offset, int length, int row);

  /** The scale as stored; 0 for a group of zeros. */
  float scale();

  /** Smallest integer, at most 0. */
  int low();

  /** Largest integer, at least 0. */
  int high();
}
