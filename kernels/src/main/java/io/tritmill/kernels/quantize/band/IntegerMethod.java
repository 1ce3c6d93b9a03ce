package io.tritmill.kernels.quantize.band;

import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.fit.IntegerFit;

/** A rounding to integers times a scale, of which the codes alone do not tell the range. */
public interface IntegerMethod extends Quantizer {
  /** A fit for groups of at most so many columns. */
  IntegerFit integerFit(int width);
}
