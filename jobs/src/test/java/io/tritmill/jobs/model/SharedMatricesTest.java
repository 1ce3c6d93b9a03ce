package io.tritmill.jobs.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SharedMatricesTest {
  private final SharedMatrices shared = new SharedMatrices();
  private final AtomicInteger reads = new AtomicInteger();
  private final Supplier<WeightRows> read =
      () -> {
        reads.incrementAndGet();
        return Matrix.zeros(2, 3);
      };

  @Test
  void eachMatrixIsReadOnce() {
    WeightRows first = shared.get("a", read);
    assertSame(first, shared.get("a", read));
    assertNotSame(first, shared.get("b", read));
    assertEquals(2, reads.get());
  }

  @Test
  void whoAsksMeanwhileWaits() throws Exception {
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    List<Future<WeightRows>> tasks = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      tasks.add(
          threads.submit(
              () ->
                  shared.get(
                      "a",
                      () -> {
                        reading.countDown();
                        await(go);
                        return read.get();
                      })));
      await(reading);
      tasks.add(threads.submit(() -> shared.get("a", read)));
      tasks.add(threads.submit(() -> shared.get("a", read)));
      go.countDown();
      assertSame(tasks.get(0).get(), tasks.get(1).get());
      assertSame(tasks.get(0).get(), tasks.get(2).get());
    }
    assertEquals(1, reads.get());
  }

  @Test
  void aReadThatFailsIsTriedAgain() {
    assertThrows(
        IllegalStateException.class,
        () ->
            shared.get(
                "a",
                () -> {
                  throw new IllegalStateException("lost");
                }));
    shared.get("a", read);
    assertEquals(1, reads.get());
  }

  @Test
  void itTravelsEmpty() throws Exception {
    shared.get("a", read);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(shared);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      ((SharedMatrices) in.readObject()).get("a", read);
    }
    assertEquals(2, reads.get());
  }

  private static void await(CountDownLatch latch) {
    try {
      assertEquals(true, latch.await(20, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
