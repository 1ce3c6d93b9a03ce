package io.tritmill.jobs.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tritmill.jobs.storage.MayBeMissing;

/**
 * What one thread of this machine can do at most.
 *
 * @param gflops floating-point operations in registers, a fused multiply-add being two, in GFLOP/s
 * @param cacheGbytes reading half a megabyte again and again, in GB/s: what the second cache gives
 * @param memoryGbytes reading an array from end to end, in GB/s: what memory gives, or the last
 *     cache where the array fits into it
 * @param memoryBytes length of that array
 */
@MayBeMissing
public record Limits(
    double gflops,
    @JsonProperty("cache_gbytes") double cacheGbytes,
    @JsonProperty("memory_gbytes") double memoryGbytes,
    @JsonProperty("memory_bytes") long memoryBytes) {

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
