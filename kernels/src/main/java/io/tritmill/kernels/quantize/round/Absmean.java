package io.tritmill.kernels.quantize.round;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.quantize.Default;

/**
 * Rounds to the mean magnitude: w' = g clip(round(w / g), -1, 1) with g = mean|w|, the weights of
 * BitNet b1.58 (arXiv:2402.17764, equations 1 to 3).
 *
 * <p>A weight of exactly g/2 becomes 0. The simplest rounding, and the one that models trained with
 * it expect; not the one of least error.
 *
 * @param group who shares a scale
 */
public record Absmean(@Default("tensor") Group group) implements ThresholdQuantizer {
  @Override
  public double thresholdOverMean() {
    return 0.5;
  }

  @Override
  public double scaleOverMean() {
    return 1;
  }
}
