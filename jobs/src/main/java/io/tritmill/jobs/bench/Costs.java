package io.tritmill.jobs.bench;

/**
 * What a call gets done, and what that takes at least.
 *
 * @param amount what it gets done, in the probe's unit
 * @param operations operations on floats, one on doubles counted twice, a fused multiply-add once
 * @param bytes bytes to be read and written, each once
 * @param place where they lie
 */
record Costs(double amount, double operations, double bytes, Place place) {
  /** Where the operands of a kernel come from. */
  enum Place {
    CACHE,
    MEMORY
  }

  /** Costs of a matrix product of so many multiply-adds, in floating-point operations. */
  static Costs ofProduct(double multiplyAdds, double bytes) {
    return new Costs(2 * multiplyAdds, multiplyAdds, bytes, Place.MEMORY);
  }

  /** Costs in weights, each of which takes so many operations and bytes. */
  static Costs ofWeights(double weights, double operations, double bytes, Place place) {
    return new Costs(weights, weights * operations, weights * bytes, place);
  }

  /** Costs in bytes alone, for so many elements. */
  static Costs ofElements(double elements, double operations, double bytes, Place place) {
    return new Costs(elements * bytes, elements * operations, elements * bytes, place);
  }
}
