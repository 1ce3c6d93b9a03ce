package io.tritmill.kernels.quantize.round;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.quantize.Default;

/**
 * Keeps the weights above a fraction of the mean magnitude and scales by the mean magnitude of what
 * is kept: ternary weight networks (arXiv:1605.04711, equations 5 and 6).
 *
 * @param group who shares a scale
 * @param threshold the fraction, at least 0 and below 1
 */
public record Twn(@Default("row") Group group, @Default("0.7") float threshold)
    implements ThresholdQuantizer {
  public Twn {
    if (!(threshold >= 0 && threshold < 1)) {
      throw new IllegalArgumentException(
          "threshold is at least 0 and below 1, as a fraction of mean|w|, found " + threshold);
    }
  }

  @Override
  public double thresholdOverMean() {
    return threshold;
  }

  @Override
  public double scaleOverMean() {
    return Double.NaN;
  }
}
