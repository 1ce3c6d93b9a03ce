package io.tritmill.kernels.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class Float8Test {
  @Test
  void everyCodeIsWhatItsBitsSay() {
    byte[] codes = new byte[256];
    for (int code = 0; code < 256; code++) {
      codes[code] = (byte) code;
    }
    float[] values = new float[256];
    Float8.decode(codes, 0, 1, values, 0, 256);
    for (int code = 0; code < 256; code++) {
      int exponent = code >> 3 & 15;
      double mantissa = (code & 7) / 8.0;
      double value =
          exponent == 0 ? mantissa * Math.pow(2, -6) : (1 + mantissa) * Math.pow(2, exponent - 7);
      if ((code & 127) == 127) {
        assertTrue(Float.isNaN(values[code]));
      } else {
        assertEquals((float) (code < 128 ? value : -value), values[code], "code " + code);
      }
    }
    assertEquals(448, values[126]);
    assertEquals(Math.pow(2, -9), values[1]);
  }

  @Test
  void theScaleIsMultipliedInSinglePrecision() {
    float[] into = {9, 9, 9, 9};
    Float8.decode(new byte[] {0, 57, (byte) 0xb8}, 1, 0.1f, into, 1, 2);
    assertEquals(9, into[0]);
    assertEquals(1.125f * 0.1f, into[1]);
    assertEquals(-0.1f, into[2]);
    assertEquals(9, into[3]);
    assertThrows(
        IndexOutOfBoundsException.class, () -> Float8.decode(new byte[2], 1, 1, into, 0, 2));
    assertThrows(
        IndexOutOfBoundsException.class, () -> Float8.decode(new byte[2], 0, 1, into, 3, 2));
  }

  @Test
  void everyNumberBecomesTheNearestCode() {
    float[] values = new float[127];
    byte[] codes = new byte[127];
    for (int code = 0; code < 127; code++) {
      codes[code] = (byte) code;
    }
    Float8.decode(codes, 0, 3, values, 0, 127);
    byte[] back = new byte[127];
    Float8.encode(values, 0, 3, back, 0, 127);
    assertArrayEquals(codes, back);
    Float8.decode(codes, 0, 1, values, 0, 127);
    for (int code = 0; code < 126; code++) {
      float middle = (values[code] + values[code + 1]) / 2;
      int even = code % 2 == 0 ? code : code + 1;
      assertEquals(code, encoded(Math.nextDown(middle)));
      assertEquals(even, encoded(middle));
      assertEquals(code + 1, encoded(Math.nextUp(middle)));
      assertEquals(even + 128, encoded(-middle) & 255);
    }
    assertEquals(126, encoded(449));
    assertEquals(126 + 128, encoded(Float.NEGATIVE_INFINITY) & 255);
    assertEquals(127, encoded(Float.NaN) & 127);
    assertEquals(128, encoded(-0f) & 255);
  }

  private static byte encoded(float value) {
    byte[] into = new byte[3];
    Float8.encode(new float[] {9, value}, 1, 1, into, 2, 1);
    return into[2];
  }
}
