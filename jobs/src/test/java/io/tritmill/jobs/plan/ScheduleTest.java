package io.tritmill.jobs.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  @Test
  void theLongestTasksComeFirst() {
    // In the order given 2 slots would take 1 + 4; longest first they take 4.
    assertEquals(4, new Schedule(2, 0).seconds(new double[] {1, 1, 2, 4}));
    assertEquals(8, new Schedule(1, 0).seconds(new double[] {1, 1, 2, 4}));
    assertEquals(4, new Schedule(9, 0).seconds(new double[] {1, 1, 2, 4}));
    assertEquals(0, new Schedule(9, 0).seconds(new double[0]));
  }

  @Test
  void theDriverHandsOutOneTaskAfterAnother() {
    assertEquals(11, new Schedule(100, 1).seconds(new double[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}));
    assertEquals(6, new Schedule(1, 1).seconds(new double[] {1, 1, 1}));
  }

  @Test
  void noScheduleIsFarFromTheBestThereCouldBe() {
    Random random = new Random(3);
    for (int trial = 0; trial < 50; trial++) {
      int slots = 1 + random.nextInt(16);
      double[] tasks = random.doubles(1 + random.nextInt(200), 0.1, 5).toArray();
      double least =
          Math.max(Arrays.stream(tasks).sum() / slots, Arrays.stream(tasks).max().orElseThrow());
      double found = new Schedule(slots, 0).seconds(tasks);
      assertTrue(found >= least * (1 - 1e-12), "%s %s".formatted(found, least));
      // Graham (1969): the longest first is within 4/3 of the best.
      assertTrue(found <= 4.0 / 3 * least + 5, "%s %s".formatted(found, least));
    }
  }
}
