package io.tritmill.kernels.simd.trit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tritmill.kernels.simd.ByteRows;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rounding to int8, by the definition and by the implementation in use. */
class ByteRowsTest {
  private final ByteOps fast = TernaryChoice.BYTE_OPS;
  private final ByteOps definition = new ScalarByteOps();

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 13, 16, 31, 32, 33, 64, 100, 207, 702, 4098})
  void anyLength(int length) {
    SplittableRandom random = new SplittableRandom(length);
    float[] a = new float[length + 7];
    for (int i = 0; i < a.length; i++) {
      a[i] = (float) random.nextGaussian();
    }
    agree(a, 0, length);
    agree(a, 7, length);
    for (int at = 0; at < length; at += 1 + length / 40) {
      for (float value : new float[] {100f, -1e30f, Float.NaN, Float.NEGATIVE_INFINITY}) {
        float[] changed = a.clone();
        changed[at + 5] = value;
        agree(changed, 5, length);
      }
    }
  }

  @Property(tries = 300)
  void anyFloats(@ForAll @Size(max = 70) float[] a) {
    agree(a, 0, a.length);
  }

  @ParameterizedTest
  @ValueSource(
      floats = {
        Float.MIN_VALUE,
        Float.MIN_NORMAL,
        0x1p-120f,
        0x1.fffffep-120f,
        0x1p-119f,
        0x1.000002p-119f,
        1f,
        0x1.fffffep0f,
        3.0000002f,
        Float.MAX_VALUE
      })
  void anyMagnitude(float largest) {
    float[] a = new float[255];
    for (int i = 0; i < a.length; i++) {
      a[i] = largest * ((i - 127) / 127f);
    }
    agree(a, 0, a.length);
    byte[] values = new byte[a.length];
    float scale = fast.quantize(a, 0, a.length, values, 0);
    if (largest >= 0x1p-119f) {
      assertEquals(largest / 127, scale);
      assertEquals(127, values[254]);
      assertEquals(-127, values[0]);
    } else {
      assertEquals(0f, scale);
      assertArrayEquals(new byte[255], values);
    }
  }

  @Test
  void tiesGoToTheEvenInteger() {
    byte[] values = new byte[7];
    float scale = fast.quantize(new float[] {254, 1, 3, 5, -1, -3, 2}, 0, 7, values, 0);
    assertEquals(2f, scale);
    assertArrayEquals(new byte[] {127, 0, 2, 2, 0, -2, 1}, values);
  }

  @Test
  void everyRowHasItsOwnScale() {
    ByteRows rows = ByteRows.quantize(3, 2, new float[] {1, -2, 0, 0, Float.NaN, 1});
    assertEquals(2f / 127, rows.scale(0));
    assertEquals(-127, rows.value(0, 1));
    assertEquals(64, rows.value(0, 0));
    assertEquals(0f, rows.scale(1));
    assertEquals(Float.NaN, rows.scale(2));
    assertEquals(0, rows.value(2, 1));
  }

  @Test
  void refusesWhatDoesNotFit() {
    byte[] values = {1, -127, 127, 0};
    assertEquals(-127, ByteRows.of(2, 2, values, new float[2]).value(0, 1));
    assertThrows(IllegalArgumentException.class, () -> ByteRows.of(2, 3, values, new float[2]));
    assertThrows(IllegalArgumentException.class, () -> ByteRows.of(2, 2, values, new float[3]));
    values[2] = -128;
    assertThrows(IllegalArgumentException.class, () -> ByteRows.of(2, 2, values, new float[2]));
    assertThrows(IndexOutOfBoundsException.class, () -> ByteRows.quantize(2, 3, new float[5]));
  }

  private void agree(float[] a, int offset, int length) {
    byte[] expected = new byte[length + 4];
    Arrays.fill(expected, (byte) 77);
    byte[] actual = expected.clone();
    float scale = definition.quantize(a, offset, length, expected, 2);
    assertEquals(scale, fast.quantize(a, offset, length, actual, 2));
    assertArrayEquals(expected, actual);
  }
}
