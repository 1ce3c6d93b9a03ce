package io.tritmill.kernels.quantize.round;

/**
 * A sum of non-negative doubles without rounding, so that the order and the grouping of the terms
 * change nothing.
 *
 * <p>A term is cut into pieces of 24 bits, each added into the bin of its exponent. A bin is a
 * multiple of its unit below 2^53 units and so exact for up to 2^29 terms. The bins cover what sums
 * of floats along a row can be: multiples of 2^-149 below 2^163.
 */
final class BinnedSum {
  /** Length of the array that stands for a sum; arrays are added element by element. */
  static final int BINS = 13;

  private static final int BITS = 24;
  private static final int LOWEST = -149;

  private final double[] bins;
  private final int at;

  /** A sum that lives in {@code bins[at, at + BINS)}. */
  BinnedSum(double[] bins, int at) {
    this.bins = bins;
    this.at = at;
  }

  /** Adds a term; what of it lies below 2^-149 is dropped. */
  void add(double term) {
    double rest = term;
    for (int bin = BINS - 1; bin >= 0 && rest > 0; bin--) {
      double unit = Math.scalb(1.0, LOWEST + BITS * bin);
      double piece = Math.floor(rest / unit) * unit;
      bins[at + bin] += piece;
      rest -= piece;
    }
  }

  /** The sum, rounded; it depends on the bins alone. */
  double value() {
    double sum = 0;
    for (int bin = 0; bin < BINS; bin++) {
      sum += bins[at + bin];
    }
    return sum;
  }
}
