package io.tritmill.kernels.quantize;

/** A rounding to integers times a scale, of which the trits do not tell the range. */
interface IntegerMethod extends Quantizer {
  /** A fit for groups of at most so many columns. */
  IntegerFit integerFit(int width);
}
