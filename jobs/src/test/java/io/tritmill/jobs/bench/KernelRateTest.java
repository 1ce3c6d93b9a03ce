package io.tritmill.jobs.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tritmill.jobs.bench.Costs.Place;
import org.junit.jupiter.api.Test;

/** Bounds and shares, worked by hand. */
class KernelRateTest {
  /** 100 GFLOP/s are 50 * 10^9 operations a second. */
  private static final Limits LIMITS = new Limits(100, 80, 20, 1 << 20);

  @Test
  void aProductIsBoundByItsArithmetic() {
    // 10^9 multiply-adds take 20 ms, 10^8 bytes 5 ms.
    KernelRate rate = rate(Unit.GFLOP, Costs.ofProduct(1e9, 1e8), 0.04);
    assertEquals("arithmetic", rate.bound());
    assertEquals(0.5, rate.share(), 1e-12);
    assertEquals(50, rate.rate(), 1e-9);
    assertEquals(100, rate.boundRate(), 1e-9);
    assertEquals("GFLOP/s", rate.unit());
  }

  @Test
  void oneRowIsBoundByMemory() {
    // 10^7 multiply-adds take 0.2 ms, their 4 * 10^7 bytes 2 ms.
    KernelRate rate = rate(Unit.GFLOP, Costs.ofProduct(1e7, 4e7), 0.0025);
    assertEquals("memory", rate.bound());
    assertEquals(0.8, rate.share(), 1e-12);
    assertEquals(8, rate.rate(), 1e-9);
    assertEquals(10, rate.boundRate(), 1e-9);
  }

  @Test
  void whatLiesInTheCacheIsComparedWithTheCache() {
    // 10^6 weights of 8 bytes take 0.1 ms, and one operation each 0.02 ms.
    KernelRate rate = rate(Unit.MWEIGHT, Costs.ofWeights(1e6, 1, 8, Place.CACHE), 0.001);
    assertEquals("cache", rate.bound());
    assertEquals(0.1, rate.share(), 1e-12);
    assertEquals(1000, rate.rate(), 1e-9);
    assertEquals(10_000, rate.boundRate(), 1e-9);
  }

  @Test
  void elementsCountTheirBytes() {
    KernelRate rate = rate(Unit.GBYTE, Costs.ofElements(1e6, 1, 8, Place.CACHE), 0.0002);
    assertEquals(40, rate.rate(), 1e-9);
    assertEquals(80, rate.boundRate(), 1e-9);
    assertEquals(0.5, rate.share(), 1e-12);
  }

  private static KernelRate rate(Unit unit, Costs costs, double seconds) {
    Probe probe = new Probe("kernel", "operands", unit, () -> new Work(costs, () -> 0));
    return KernelRate.of(probe, costs, seconds, LIMITS);
  }
}
