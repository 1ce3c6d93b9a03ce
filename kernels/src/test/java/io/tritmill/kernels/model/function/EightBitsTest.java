package io.tritmill.kernels.model.function;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class EightBitsTest {
  @Test
  void rowsAreRoundedByTheirLargest() {
    float[] x = {-127, 2.5f, 3.5f, 0.4f, 12.7f, 0.06f, -0.05f, 0};
    EightBits.round(2, 4, x);
    assertArrayEquals(new float[] {-127, 2, 4, 0, 12.7f, 0.1f, 0, 0}, x, 1e-6f);
  }

  @Test
  void rowsOfAlmostNothingStaySmall() {
    float[] x = {0, 0, 1e-7f, -1e-9f};
    EightBits.round(2, 2, x);
    assertArrayEquals(new float[] {0, 0, 1e-5f / 127, 0}, x, 1e-12f);
  }
}
