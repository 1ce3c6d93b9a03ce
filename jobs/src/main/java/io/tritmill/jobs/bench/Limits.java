package io.tritmill.jobs.bench;

import io.tritmill.kernels.simd.MachineLimits;
import java.time.Duration;
import java.util.Arrays;

/**
 * What one thread of this machine can do at most.
 *
 * @param gflops floating-point operations in registers, a fused multiply-add being two, in GFLOP/s
 * @param cacheGbytes reading {@value #CACHE_BYTES} bytes again and again, in GB/s: what the second
 *     cache gives
 * @param memoryGbytes reading an array that is read once, in GB/s: what memory gives, or the last
 *     cache where that is larger
 * @param memoryBytes length of that array
 */
public record Limits(double gflops, double cacheGbytes, double memoryGbytes, long memoryBytes) {
  private static final int CACHE_BYTES = 1 << 19;
  private static final int ROUNDS = 20_000;
  private static final int FLOAT_BYTES = 4;

  /** Measures, each limit for the given time. */
  static Limits measure(Duration each, int memoryBytes) {
    double flops = 2.0 * ROUNDS * MachineLimits.multiplyAddsInRound();
    return new Limits(
        flops / Stopwatch.seconds(() -> MachineLimits.multiplyAdd(ROUNDS), each) / 1e9,
        readRate(CACHE_BYTES, each),
        readRate(memoryBytes, each),
        memoryBytes);
  }

  private static double readRate(int bytes, Duration each) {
    float[] values = new float[bytes / FLOAT_BYTES];
    Arrays.fill(values, 1);
    double seconds = Stopwatch.seconds(() -> MachineLimits.read(values, 0, values.length), each);
    return bytes / seconds / 1e9;
  }

  /** The better of two measurements in everything. */
  Limits best(Limits other) {
    return new Limits(
        Math.max(gflops, other.gflops),
        Math.max(cacheGbytes, other.cacheGbytes),
        Math.max(memoryGbytes, other.memoryGbytes),
        memoryBytes);
  }

  /** Seconds that the arithmetic of a call takes at least. */
  double arithmeticSeconds(Costs costs) {
    return 2 * costs.operations() / (gflops * 1e9);
  }

  /** Seconds that reading and writing take at least, were writing as fast as reading. */
  double trafficSeconds(Costs costs) {
    double rate = costs.place() == Costs.Place.CACHE ? cacheGbytes : memoryGbytes;
    return costs.bytes() / (rate * 1e9);
  }
}
