package io.tritmill.jobs.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class BandsTest {
  @Test
  void commonShapes() {
    assertEquals(1020, Bands.rows(4096));
    assertEquals(819, Bands.rows(5120));
    assertEquals(4_194_300, Bands.rows(1));
  }
}
