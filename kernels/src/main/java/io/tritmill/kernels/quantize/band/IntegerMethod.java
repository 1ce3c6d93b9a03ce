package io.tritmill.kernels.quantize.band;

import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.fit.IntegerFit;

/** A rounding to integers times a scale, of which the trits do not tell the range. */
public interface IntegerMethod extends Quantizer {
  @Override
  PlaneLayout levels();

  /** A fit for groups of at most so many columns. */
  IntegerFit integerFit(int width);
}
