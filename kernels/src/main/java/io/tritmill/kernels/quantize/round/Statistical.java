package io.tritmill.kernels.quantize.round;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.quantize.Default;

/**
 * Rounds to a scale of 4/3 of the mean magnitude, a = 4/3 mean|w| and w' = a clip(round(w / a), -1,
 * 1), as in Binary and Ternary Natural Language Generation (arXiv:2306.01841).
 *
 * <p>The scale is near the one of least error for normal weights and needs one pass. A weight of
 * exactly a/2 becomes 0.
 *
 * @param group who shares a scale
 */
public record Statistical(@Default("row") Group group) implements ThresholdQuantizer {
  @Override
  public double thresholdOverMean() {
    return 2.0 / 3;
  }

  @Override
  public double scaleOverMean() {
    return 4.0 / 3;
  }
}
