package io.tritmill.kernels.parallel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CoresTest {
  @Test
  void withoutALoanPartsRunOnTheirCaller() {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    Cores.each(5, part -> threads.add(Thread.currentThread()));
    assertEquals(Set.of(Thread.currentThread()), threads);
    assertEquals(1, Cores.available());
  }

  @Test
  void everyPartRunsOnceInOrderOfItsBeginning() {
    AtomicIntegerArray runs = new AtomicIntegerArray(1000);
    Cores.lend(4, () -> each(1000, runs::incrementAndGet));
    for (int part = 0; part < runs.length(); part++) {
      assertEquals(1, runs.get(part));
    }
    List<Integer> order = new ArrayList<>();
    Cores.lend(1, () -> each(4, order::add));
    assertEquals(List.of(0, 1, 2, 3), order);
  }

  @Test
  void idleCoresHelp() {
    // None of four parts ends before all of them have begun.
    CyclicBarrier all = new CyclicBarrier(4);
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    Cores.lend(
        4,
        () ->
            each(
                4,
                part -> {
                  threads.add(Thread.currentThread());
                  meet(all);
                }));
    assertEquals(4, threads.size());
    assertTrue(threads.contains(Thread.currentThread()));
  }

  @Test
  void tasksShareEvenly() {
    Cores.lend(
        8,
        () -> {
          assertEquals(8, Cores.available());
          Cores.lend(
              8,
              () -> {
                assertEquals(4, Cores.available());
                return Cores.lend(3, () -> assertOne(Cores.available()));
              });
          assertEquals(8, Cores.available());
          return null;
        });
    assertEquals(1, Cores.available());
  }

  @Test
  void partsDoNotShareAgain() {
    AtomicIntegerArray available = new AtomicIntegerArray(2);
    Cores.lend(
        4,
        () -> {
          each(2, part -> available.set(part, Cores.available()));
          return assertFour(Cores.available());
        });
    assertEquals(1, available.get(0));
    assertEquals(1, available.get(1));
  }

  @Test
  void helpersLeaveWhenAnotherTaskBegins() throws Exception {
    try (ExecutorService other = Executors.newSingleThreadExecutor()) {
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch end = new CountDownLatch(1);
      Set<Thread> late = ConcurrentHashMap.newKeySet();
      Thread caller = Thread.currentThread();
      CyclicBarrier both = new CyclicBarrier(2);
      Future<?>[] task = new Future<?>[1];
      Cores.lend(
          2,
          () ->
              each(
                  40,
                  part -> {
                    if (part < 2) {
                      meet(both);
                    }
                    if (part == 0) {
                      task[0] =
                          other.submit(
                              () ->
                                  Cores.lend(
                                      2,
                                      () -> {
                                        begun.countDown();
                                        await(end);
                                        return null;
                                      }));
                    }
                    await(begun);
                    // The helper ends the part it has, and the one that it may just have taken.
                    if (part > 3) {
                      late.add(Thread.currentThread());
                    }
                  }));
      assertEquals(Set.of(caller), late);
      end.countDown();
      task[0].get();
    }
  }

  @Test
  void theFirstFailureIsThrown() {
    IllegalStateException first = new IllegalStateException("part 3");
    CyclicBarrier both = new CyclicBarrier(2);
    IllegalStateException thrown =
        assertThrows(
            IllegalStateException.class,
            () ->
                Cores.lend(
                    2,
                    () ->
                        each(
                            100,
                            part -> {
                              if (part == 3 || part == 4) {
                                meet(both);
                                throw part == 3 ? first : new IllegalStateException("part 4");
                              }
                            })));
    assertSame(first, thrown);
    assertEquals(1, Cores.available());
    assertNotEquals(0, Cores.lend(2, Cores::available));
  }

  @Test
  void aProcessHasACore() {
    assertThrows(IllegalArgumentException.class, () -> Cores.lend(0, () -> null));
  }

  private static Void each(int parts, java.util.function.IntConsumer part) {
    Cores.each(parts, part);
    return null;
  }

  private static Void assertOne(int found) {
    assertEquals(1, found);
    return null;
  }

  private static Void assertFour(int found) {
    assertEquals(4, found);
    return null;
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(20, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
