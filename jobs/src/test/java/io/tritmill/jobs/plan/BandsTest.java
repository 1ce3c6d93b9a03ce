package io.tritmill.jobs.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BandsTest {
  @Property
  void bandsEndAtAByteOfTritsAndAreNoLargerThanTheyMustBe(
      @ForAll @IntRange(min = 1, max = 100_000) int columns,
      @ForAll @IntRange(min = 1, max = 1 << 22) int target) {
    int rows = Bands.rows(columns, target);

    assertTrue(rows >= 1);
    assertEquals(0, (long) rows * columns % 5);
    assertTrue((long) rows * columns <= Math.max(target, 5L * columns));
  }

  @Test
  void commonShapes() {
    assertEquals(1020, Bands.rows(4096));
    assertEquals(819, Bands.rows(5120));
    assertEquals(4_194_300, Bands.rows(1));
  }
}
