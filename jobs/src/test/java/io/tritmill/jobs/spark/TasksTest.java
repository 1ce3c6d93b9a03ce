package io.tritmill.jobs.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.kernels.parallel.Cores;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The session has two cores and tries every task twice. */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class TasksTest {
  /** What tasks did; they run in this JVM. */
  private static final AtomicInteger FAILED = new AtomicInteger();

  private static final AtomicInteger LAST = new AtomicInteger();

  private static final AtomicInteger STARTED = new AtomicInteger();

  private static final CyclicBarrier BOTH = new CyclicBarrier(2);

  private static final Set<String> ATTEMPTS = ConcurrentHashMap.newKeySet();

  private final JavaSparkContext spark =
      JavaSparkContext.fromSparkContext(SharedSpark.session().sparkContext());

  @BeforeEach
  void forget() {
    FAILED.set(0);
    ATTEMPTS.clear();
  }

  private static List<List<Integer>> each(int count) {
    return IntStream.range(0, count).mapToObj(List::of).toList();
  }

  @Test
  void everyResultIsSeenOnce() {
    List<Integer> seen = new ArrayList<>();

    Tasks.run(
        spark,
        "squares",
        List.of(List.of(1, 2, 3), List.of(), List.of(4), List.of(5, 6)),
        (Integer item, String attempt) -> item * item,
        seen::add);

    Collections.sort(seen);
    assertEquals(List.of(1, 4, 9, 16, 25, 36), seen);
  }

  @Test
  void aTaskThatIsAloneHasTheCoresOfAll() {
    List<Integer> cores = new ArrayList<>();

    Tasks.run(
        spark, "alone", each(1), (Integer item, String attempt) -> Cores.available(), cores::add);
    Tasks.run(
        spark,
        "both",
        each(2),
        (Integer item, String attempt) -> {
          BOTH.await(20, TimeUnit.SECONDS);
          int found = Cores.available();
          BOTH.await(20, TimeUnit.SECONDS);
          return found;
        },
        cores::add);

    int all = Math.min(2, Runtime.getRuntime().availableProcessors());
    assertEquals(List.of(all, 1, 1), cores);
  }

  @Test
  void nothingToDoIsNoJob() {
    Tasks.run(spark, "nothing", List.<List<Integer>>of(), (item, attempt) -> item, seen -> {});
  }

  @Test
  void attemptsHaveNamesOfTheirOwnAndFailedOnesAreRepeated() {
    List<Integer> seen = new ArrayList<>();

    Tasks.run(
        spark,
        "fails once",
        each(4),
        (Integer item, String attempt) -> {
          ATTEMPTS.add(item + " " + attempt);
          if (item == 2 && ATTEMPTS.stream().filter(name -> name.startsWith("2 ")).count() == 1) {
            throw new IOException("A passing trouble");
          }
          return item;
        },
        seen::add);

    assertEquals(Set.of(0, 1, 2, 3), new HashSet<>(seen));
    assertEquals(4, seen.size());
    assertEquals(5, ATTEMPTS.size(), ATTEMPTS::toString);
    assertEquals(5, ATTEMPTS.stream().map(name -> name.split(" ")[1]).distinct().count());
  }

  @Test
  void badInputReachesTheDriverAsItselfIsNotRepeatedAndEndsTheRest() {
    BadInputException failure =
        assertThrows(
            BadInputException.class,
            () ->
                Tasks.run(
                    spark,
                    "one is bad",
                    each(200),
                    (Integer item, String attempt) -> {
                      STARTED.incrementAndGet();
                      if (item == 3) {
                        throw BadInputException.broken("item %d: is broken", item);
                      }
                      Thread.sleep(20);
                      return item;
                    },
                    (Integer seen) -> {}));

    assertEquals("item 3: is broken", failure.getMessage());
    assertEquals(ExitCode.BROKEN_INPUT, failure.exitCode());
    assertTrue(STARTED.get() < 200, "%d tasks were started".formatted(STARTED.get()));
  }

  @Test
  void aCancelledTaskDoesNotGoOnWithItsItems() {
    assertThrows(
        BadInputException.class,
        () ->
            Tasks.run(
                spark,
                "a short one is bad, a long one is cancelled",
                List.of(List.of(-1), IntStream.range(0, 100_000).boxed().toList()),
                (Integer item, String attempt) -> {
                  if (item < 0) {
                    throw BadInputException.broken("broken");
                  }
                  LAST.set(item);
                  Thread.sleep(1);
                  return item;
                },
                (Integer seen) -> {}));

    SharedSpark.awaitIdle();
    assertTrue(LAST.get() < 99_999, "went on to item %d".formatted(LAST.get()));
  }

  @Test
  void resultsOfATaskBeforeItMetBadInputCount() {
    List<Integer> seen = new ArrayList<>();

    assertThrows(
        BadInputException.class,
        () ->
            Tasks.run(
                spark,
                "the third is bad",
                List.of(List.of(1, 2, 3, 4)),
                (Integer item, String attempt) -> {
                  if (item == 3) {
                    throw BadInputException.broken("three");
                  }
                  return item;
                },
                seen::add));

    assertEquals(List.of(1, 2), seen);
  }

  @Test
  void anyOtherFailureIsOneOfOursAfterTheLastTry() {
    RuntimeException failure =
        assertThrows(
            RuntimeException.class,
            () ->
                Tasks.run(
                    spark,
                    "a mistake",
                    each(1),
                    (Integer item, String attempt) -> {
                      FAILED.incrementAndGet();
                      throw new ArithmeticException("A mistake of ours");
                    },
                    seen -> {}));

    assertTrue(failure.getMessage().contains("A mistake of ours"), failure.getMessage());
    assertNotNull(failure.getCause());
    assertNull(Failures.ofStorage(failure));
    assertEquals(2, FAILED.get());
  }

  @Test
  void aFullDiskIsAConflictThatIsNotTriedAgain() {
    BadInputException failure =
        assertThrows(
            BadInputException.class,
            () ->
                Tasks.run(
                    spark,
                    "no room",
                    each(1),
                    (Integer item, String attempt) -> {
                      FAILED.incrementAndGet();
                      throw new IOException("No space left on device");
                    },
                    seen -> {}));

    assertEquals(ExitCode.CONFLICT, failure.exitCode());
    assertTrue(failure.getMessage().contains("free some room"), failure.getMessage());
    assertEquals(1, FAILED.get());
  }

  @Test
  void whatTheDriverThrowsOfAResultEndsTheJob() {
    assertThrows(
        BadInputException.class,
        () ->
            Tasks.run(
                spark,
                "refused by the driver",
                each(50),
                (Integer item, String attempt) -> item,
                seen -> {
                  throw BadInputException.conflict("refused");
                }));
  }
}
