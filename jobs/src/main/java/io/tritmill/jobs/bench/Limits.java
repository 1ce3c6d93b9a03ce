package io.tritmill.jobs.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tritmill.kernels.simd.MachineLimits;
import java.time.Duration;
import java.util.Arrays;

/**
 * What one thread of this machine can do at most.
 *
 * <p>Reading is measured with vectors that lie in one cache line each. Where a Java array begins is
 * up to the heap, so most loads of a kernel touch two, and its share of the cache's rate is lower
 * for that.
 *
 * @param gflops floating-point operations in registers, a fused multiply-add being two, in GFLOP/s
 * @param cacheGbytes reading {@value #CACHE_BYTES} bytes again and again, in GB/s: what the second
 *     cache gives
 * @param memoryGbytes reading an array from end to end, in GB/s: what memory gives, or the last
 *     cache where the array fits into it
 * @param memoryBytes length of that array
 */
public record Limits(
    double gflops,
    @JsonProperty("cache_gbytes") double cacheGbytes,
    @JsonProperty("memory_gbytes") double memoryGbytes,
    @JsonProperty("memory_bytes") long memoryBytes) {
  static final Limits NONE = new Limits(0, 0, 0, 0);

  private static final int CACHE_BYTES = 1 << 19;
  private static final int ROUNDS = 20_000;

  /** Floats of a cache line, and of the steps at which arrays may begin in it. */
  private static final int LINE = 16;

  private static final int STEP = 2;

  /** Measures, each limit for the given time. */
  static Limits measure(Duration each, int memoryBytes) {
    double flops = 2.0 * ROUNDS * MachineLimits.multiplyAddsInRound();
    double seconds = Stopwatch.seconds(() -> MachineLimits.multiplyAdd(ROUNDS), each);
    float[] near = ones(CACHE_BYTES);
    double cache = 0;
    for (int offset = 0; offset < LINE; offset += STEP) {
      cache = Math.max(cache, readRate(near, offset, each.dividedBy(LINE / STEP)));
    }
    double memory = readRate(ones(memoryBytes), 0, each);
    return new Limits(flops / seconds / 1e9, cache, memory, memoryBytes);
  }

  private static float[] ones(int bytes) {
    float[] ones = new float[bytes / Float.BYTES];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static double readRate(float[] values, int offset, Duration time) {
    int length = values.length - LINE;
    double seconds = Stopwatch.seconds(() -> MachineLimits.read(values, offset, length), time);
    return (double) length * Float.BYTES / seconds / 1e9;
  }

  /** The better of two measurements in everything. */
  Limits best(Limits other) {
    return new Limits(
        Math.max(gflops, other.gflops),
        Math.max(cacheGbytes, other.cacheGbytes),
        Math.max(memoryGbytes, other.memoryGbytes),
        Math.max(memoryBytes, other.memoryBytes));
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
