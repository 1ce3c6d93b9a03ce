package io.tritmill.kernels.simd.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tritmill.kernels.simd.MachineLimits;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The loops do the work that they count. */
class MachineLimitsTest {
  @Test
  void everyChainGrowsByAQuarterInEveryRound() {
    // Twelve chains begin at 1 to 12 in every lane.
    int lanes = MachineLimits.multiplyAddsInRound() / 12;
    assertEquals(lanes * (78 + 12 * 25), MachineLimits.multiplyAdd(100));
    assertEquals(78 + 12 * 25, new ScalarLimits().multiplyAdd(100));
  }

  @Test
  void everyElementIsReadOnce() {
    for (int length : new int[] {0, 1, 7, 8, 13, 127, 128, 129, 702, 4098}) {
      float[] a = new float[length + 5];
      Arrays.fill(a, 1000);
      Arrays.fill(a, 3, 3 + length, 1);
      assertEquals(length, MachineLimits.read(a, 3, length));
      assertEquals(length, new ScalarLimits().read(a, 3, length));
    }
  }

  @Test
  void aRangeOutsideTheArrayIsRefused() {
    assertThrows(IndexOutOfBoundsException.class, () -> MachineLimits.read(new float[8], 1, 8));
  }
}
