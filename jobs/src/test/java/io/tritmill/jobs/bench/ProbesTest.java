package io.tritmill.jobs.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every probe runs its kernel and knows its costs. */
class ProbesTest {
  static Iterable<Probe> all() {
    return Probes.ALL;
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("all")
  void aCallHasAResultThatIsTheSameEachTime(Probe probe) {
    Work work = probe.prepare().get();
    double result = work.call().getAsDouble();
    assertTrue(Double.isFinite(result), probe.kernel());
    assertEquals(result, work.call().getAsDouble(), probe.kernel());
    assertTrue(work.costs().amount() > 0, probe.kernel());
    assertTrue(work.costs().bytes() > 0, probe.kernel());
  }

  @Test
  void noTwoLinesOfTheTableAreCalledTheSame() {
    Set<String> names = new HashSet<>();
    for (Probe probe : Probes.ALL) {
      assertTrue(names.add(probe.kernel() + ", " + probe.shape()), probe.kernel());
    }
  }

  @Test
  void aStopwatchRepeatsShortCalls() {
    AtomicLong calls = new AtomicLong();
    double seconds = Stopwatch.seconds(() -> spin(calls.incrementAndGet()), Duration.ofMillis(30));
    assertTrue(calls.get() > 1);
    assertTrue(seconds > 0, Double.toString(seconds));
  }

  private static double spin(long seed) {
    double sum = seed;
    for (int i = 0; i < 1000; i++) {
      sum = sum * 0.5 + i;
    }
    return sum;
  }
}
