package io.tritmill.jobs.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.jobs.tensor.TensorInfo;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PortionsTest {
  @Test
  void costlyTensorsComeFirstAndLikeOnesOneAfterTheOther() {
    List<LayerShard> shards =
        List.of(
            shard(0, "0.q", 100),
            shard(1, "0.up", 200),
            shard(2, "0.up", 40),
            shard(3, "1.q", 100),
            shard(4, "1.q", 30),
            shard(5, "1.up", 200),
            shard(6, "1.up", 40));
    List<Integer> order =
        shards.stream().sorted(Portions.costlyFirst(shards)).map(LayerShard::index).toList();
    assertEquals(List.of(1, 2, 5, 6, 0, 3, 4), order);
  }

  @Test
  void sharesAreLargeAtFirstAndSmallAtTheEnd() {
    List<Long> items = Collections.nCopies(1000, Portions.MOST / 10);
    List<List<Long>> shares = Portions.guided(items, Long::longValue, 2);
    assertEquals(items, flat(shares));
    assertEquals(10, shares.getFirst().size());
    assertEquals(1, shares.getLast().size());
    for (int i = 1; i < shares.size(); i++) {
      assertTrue(shares.get(i).size() <= shares.get(i - 1).size());
    }
    // A hundred of the largest size would do, were it not for the end.
    assertTrue(shares.size() < 130, shares.size() + " shares");
  }

  @Test
  void whatCostsMuchHasATaskOfItsOwn() {
    List<Long> items = List.of(3 * Portions.MOST, 2 * Portions.MOST, 1L, 1L, 1L, 1L);
    assertEquals(List.of(3 * Portions.MOST), Portions.guided(items, Long::longValue, 1).getFirst());
    assertEquals(List.of(), Portions.guided(List.<Long>of(), Long::longValue, 4));
    List<Long> few = List.of(1L, 1L, 1L);
    assertEquals(3, Portions.guided(few, Long::longValue, 64).size());
  }

  @Test
  void aNumberOfSharesThatIsAskedForIsKept() {
    Random random = new Random(5);
    for (int trial = 0; trial < 100; trial++) {
      List<Long> items =
          random
              .longs(1 + random.nextInt(60), 1, 1000)
              .boxed()
              .sorted(Collections.reverseOrder())
              .toList();
      int tasks = 1 + random.nextInt(80);
      List<List<Long>> shares = Portions.even(items, Long::longValue, tasks);
      assertEquals(items, flat(shares));
      assertEquals(Math.min(tasks, items.size()), shares.size());
      long sum = items.stream().mapToLong(Long::longValue).sum();
      long most = shares.stream().mapToLong(PortionsTest::sum).max().orElseThrow();
      // No share is larger than an even one by more than its largest item.
      assertTrue(most <= sum / shares.size() + items.getFirst() + 1, () -> items + " " + tasks);
    }
  }

  private static long sum(List<Long> share) {
    return share.stream().mapToLong(Long::longValue).sum();
  }

  private static List<Long> flat(List<List<Long>> shares) {
    return shares.stream().flatMap(List::stream).toList();
  }

  private static LayerShard shard(int index, String tensor, int rows) {
    TensorInfo info = new TensorInfo(tensor, "F32", List.of(240L, 8L), "file", 0, 240 * 32);
    return new LayerShard(index, info, 0, rows, 8, null, false, "key" + index);
  }
}
