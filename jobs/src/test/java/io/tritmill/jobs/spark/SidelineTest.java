package io.tritmill.jobs.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.failure.BadInputException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SidelineTest {
  @Test
  void jobsRunBesideTheCallerAndAreWaitedFor() throws InterruptedException {
    CountDownLatch both = new CountDownLatch(2);
    AtomicInteger done = new AtomicInteger();
    try (Sideline sideline = new Sideline(2)) {
      for (int i = 0; i < 2; i++) {
        sideline.begin(
            () -> {
              both.countDown();
              await(both);
              done.incrementAndGet();
            });
      }
      sideline.await();
      assertEquals(2, done.get());
      assertTrue(both.await(0, TimeUnit.SECONDS));
    }
  }

  @Test
  void noMoreThanAskedForRunAtATime() {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (Sideline sideline = new Sideline(3)) {
      for (int i = 0; i < 40; i++) {
        sideline.begin(
            () -> {
              most.accumulateAndGet(now.incrementAndGet(), Math::max);
              Thread.yield();
              now.decrementAndGet();
            });
      }
      sideline.await();
    }
    assertTrue(most.get() <= 3, () -> most + " at a time");
  }

  @Test
  void theFirstFailureIsThrownAsItWasAndEndsTheLine() {
    BadInputException broken = BadInputException.broken("a file is broken");
    try (Sideline sideline = new Sideline(1)) {
      sideline.begin(
          () -> {
            throw broken;
          });
      assertEquals(broken, assertThrows(BadInputException.class, sideline::await));
      assertEquals(broken, assertThrows(BadInputException.class, () -> sideline.begin(() -> {})));
    }
  }

  @Test
  void closingInterruptsWhatRuns() {
    CountDownLatch never = new CountDownLatch(1);
    AtomicInteger interrupted = new AtomicInteger();
    try (Sideline sideline = new Sideline(1)) {
      CountDownLatch begun = new CountDownLatch(1);
      sideline.begin(
          () -> {
            begun.countDown();
            try {
              never.await();
            } catch (InterruptedException e) {
              interrupted.incrementAndGet();
            }
          });
      await(begun);
    }
    assertEquals(1, interrupted.get());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
