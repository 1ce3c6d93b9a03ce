package io.tritmill.jobs.bench;

/** What a rate counts a second. */
enum Unit {
  /** Floating-point operations, a fused multiply-add being two. */
  GFLOP("GFLOP/s", 1e9),
  /** Bytes read and written. */
  GBYTE("GB/s", 1e9),
  /** Weights quantized, packed or decoded. */
  MWEIGHT("Mweights/s", 1e6),
  /** Weights multiplied by a token. */
  GWEIGHT("Gweights/s", 1e9);

  private final String perSecond;
  private final double size;

  Unit(String perSecond, double size) {
    this.perSecond = perSecond;
    this.size = size;
  }

  /** Name of the rate. */
  String perSecond() {
    return perSecond;
  }

  /** The rate of so much in so many seconds. */
  double rate(double amount, double seconds) {
    return amount / seconds / size;
  }
}
