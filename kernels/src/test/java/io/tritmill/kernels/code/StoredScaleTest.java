package io.tritmill.kernels.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.tensor.DType;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoredScaleTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 1",
    "-1.5, -1.5",
    "1.00390625, 1", // halfway to the next, 1 + 2^-7: the even one
    "1.01171875, 1.015625",
    "65280, 65280",
    "65407.9, 65280",
    "0x1.01p-14, 0x1p-14",
    "0x1.03p-15, 0x1.04p-15", // below the normal numbers of half, still eight bits
    "0x1.01p-16, 0x1p-16",
    "0x1.03p-17, 0x1.04p-17", // multiples of 2^-24
    "0x1.80001p-24, 0x1p-23",
    "0x1p-25, 0"
  })
  void isTheNearestOfEightBits(String exact, String expected) {
    double scale = Double.parseDouble(exact);
    assertEquals(Double.parseDouble(expected), StoredScale.of(scale, 0), 0.0);
    assertEquals(-Double.parseDouble(expected), StoredScale.of(-scale, 0), 0.0);
  }

  @Test
  void everyTypeOfWeightsHoldsIt() {
    Random random = new Random(1);
    for (int i = 0; i < 100_000; i++) {
      double exact = Math.scalb(1 + random.nextDouble(), random.nextInt(40) - 25);
      float stored = StoredScale.of(exact, 0);
      assertEquals(stored, Float.float16ToFloat(Float.floatToFloat16(stored)));
      assertEquals(stored, DType.toBfloat16(stored));
      double step = Math.max(0x1p-24, Math.scalb(1.0, Math.getExponent(exact) - 7));
      assertTrue(Math.abs(stored - exact) <= step / 2, () -> exact + " became " + stored);
    }
  }

  @ParameterizedTest
  @CsvSource({"65408", "-65408", "NaN", "Infinity"})
  void whatIsTooLargeIsRefused(double scale) {
    UnusableWeightException e =
        assertThrows(UnusableWeightException.class, () -> StoredScale.of(scale, 3));
    assertEquals(3, e.row());
    assertTrue(e.reason().contains("expected at most 65280"), e.reason());
  }

  @Test
  void ofOneMagnitudeItHasAllBitsOfHalf() {
    assertEquals(1.0009765625f, StoredScale.half(1.0009765625, 0));
    assertEquals(65504f, StoredScale.half(65519, 0));
    assertThrows(UnusableWeightException.class, () -> StoredScale.half(65520, 0));
    assertThrows(UnusableWeightException.class, () -> StoredScale.half(Double.NaN, 0));
  }

  @Test
  void aMultipleIsAHalfTooWhereOneIsAsked() {
    assertEquals(2, StoredScale.withMultiple(2, 0, 0));
    assertEquals(255f, StoredScale.withMultiple(255, 8, 0));
    assertEquals(254f, StoredScale.withMultiple(254.6, 9, 0));
    assertEquals(227f, StoredScale.withMultiple(227, 9, 0));
    assertEquals(65280f, StoredScale.withMultiple(65280, 31, 0));
    assertThrows(UnusableWeightException.class, () -> StoredScale.withMultiple(Double.NaN, 3, 0));
    Random random = new Random(5);
    for (int i = 0; i < 100_000; i++) {
      double exact = Math.exp(-12 * random.nextDouble());
      int multiple = random.nextInt(32);
      float stored = StoredScale.withMultiple(exact, multiple, 0);
      float least = multiple * stored;
      assertEquals(least, Float.float16ToFloat(Float.floatToFloat16(least)));
      assertEquals(stored, StoredScale.of(stored, 0));
      assertTrue(Math.abs(stored - exact) <= Math.max(exact / 64, 0x1p-25));
    }
  }
}
