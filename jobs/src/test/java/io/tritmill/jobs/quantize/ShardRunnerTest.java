package io.tritmill.jobs.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tritmill.jobs.checkpoint.TensorInfo;
import io.tritmill.jobs.plan.LayerShard;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShardRunnerTest {
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
        shards.stream().sorted(ShardRunner.order(shards)).map(LayerShard::index).toList();
    assertEquals(List.of(1, 2, 5, 6, 0, 3, 4), order);
  }

  private static LayerShard shard(int index, String tensor, int rows) {
    TensorInfo info = new TensorInfo(tensor, "F32", List.of(240L, 8L), "file", 0, 240 * 32);
    return new LayerShard(index, info, 0, rows, 8, null, "key" + index);
  }
}
