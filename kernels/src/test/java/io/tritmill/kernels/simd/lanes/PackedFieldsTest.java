package io.tritmill.kernels.simd.lanes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tritmill.kernels.simd.PackedFields;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What runs on this machine against the plain loops that define it, and these by hand. */
class PackedFieldsTest {
  private static final FieldOps OPS = Implementation.FIELD_OPS;
  private static final FieldOps DEFINITION = new ScalarFieldOps();

  @Property(tries = 300)
  void fields(
      @ForAll @IntRange(max = 5) int groups,
      @ForAll @IntRange(max = 70) int bytes,
      @ForAll @IntRange(max = 2) int power,
      @ForAll @IntRange(max = 3) int more) {
    int width = 1 << power;
    byte[] source = random(groups * bytes + 2 * more, bytes);
    byte[] expected = random(groups * bytes * 8 / width + 2 * more, groups);
    byte[] actual = expected.clone();
    for (int shift = 0; shift <= 8 - width; shift++) {
      DEFINITION.unpackAbove(source, more, groups, bytes, width, shift, expected, more);
      OPS.unpackAbove(source, more, groups, bytes, width, shift, actual, more);
      assertArrayEquals(expected, actual);
    }
    DEFINITION.unpack(source, more, groups, bytes, width, expected, more);
    OPS.unpack(source, more, groups, bytes, width, actual, more);
    assertArrayEquals(expected, actual);
  }

  @Property(tries = 100)
  void digits(
      @ForAll @IntRange(max = 70) int bytes,
      @ForAll @IntRange(max = 6) int digits,
      @ForAll @IntRange(max = 3) int more) {
    byte[] source = random(bytes + 2 * more, bytes);
    byte[] expected = new byte[bytes * digits + 2 * more];
    byte[] actual = expected.clone();
    DEFINITION.unpackTernary(source, more, bytes, digits, expected, more);
    OPS.unpackTernary(source, more, bytes, digits, actual, more);
    assertArrayEquals(expected, actual);
  }

  @Property(tries = 200)
  void values(
      @ForAll @IntRange(max = 5) int runs,
      @ForAll @IntRange(max = 70) int length,
      @ForAll @IntRange(max = 32) int bias,
      @ForAll @IntRange(max = 3) int more) {
    byte[] expectedCodes = random(runs * length + 2 * more, length);
    byte[] codes = expectedCodes.clone();
    byte[] table = random(16, bias);
    DEFINITION.lookUp(table, expectedCodes, more, runs * length);
    OPS.lookUp(table, codes, more, runs * length);
    assertArrayEquals(expectedCodes, codes);

    float[] steps = floats(runs, 1);
    float[] least = floats(runs, 2);
    float[] expected = new float[codes.length];
    float[] actual = new float[codes.length];
    DEFINITION.scale(codes, more, runs, length, bias, steps, least, expected, more);
    OPS.scale(codes, more, runs, length, bias, steps, least, actual, more);
    for (int i = 0; i < actual.length; i++) {
      assertEquals(Float.floatToRawIntBits(expected[i]), Float.floatToRawIntBits(actual[i]));
    }
  }

  @Test
  void everyByteHasTheDigitsOfItsFraction() {
    byte[] bytes = new byte[256];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    byte[] digits = new byte[5 * 256];
    PackedFields.unpackTernary(bytes, 0, 256, 5, digits, 0);
    for (int i = 0; i < 256; i++) {
      double fraction = i / 256.0;
      for (int digit = 0; digit < 5; digit++) {
        fraction *= 3;
        assertEquals((int) fraction, digits[digit * 256 + i]);
        fraction -= (int) fraction;
      }
    }
  }

  @Test
  void aBlockByHand() {
    byte[] codes = new byte[4];
    PackedFields.unpack(new byte[] {(byte) 0xa1, 0x7f}, 0, 1, 2, 4, codes, 0);
    assertArrayEquals(new byte[] {1, 15, 10, 7}, codes);
    PackedFields.unpackAbove(new byte[] {0b1001}, 0, 1, 1, 2, 4, codes, 0);
    assertArrayEquals(new byte[] {1 + 16, 15 + 32, 10, 7}, codes);
    float[] into = new float[4];
    PackedFields.scale(codes, 0, 2, 2, 10, new float[] {0.5f, 2}, new float[] {1, -3}, into, 0);
    assertArrayEquals(new float[] {2.5f, 17.5f, 3, -3}, into);
    byte[] table = {0, 1, 2, 3, 4, 5, 6, -7, 8, 9, -10, 11, 12, 13, 14, 99};
    PackedFields.lookUp(table, codes, 1, 3);
    assertArrayEquals(new byte[] {17, 99, -10, -7}, codes);
  }

  @Test
  void rangesAreChecked() {
    byte[] bytes = new byte[8];
    byte[] codes = new byte[32];
    assertThrows(
        IllegalArgumentException.class, () -> PackedFields.unpack(bytes, 0, 1, 8, 3, codes, 0));
    assertThrows(
        IndexOutOfBoundsException.class, () -> PackedFields.unpack(bytes, 1, 1, 8, 2, codes, 0));
    assertThrows(
        IndexOutOfBoundsException.class, () -> PackedFields.unpack(bytes, 0, 1, 8, 1, codes, 0));
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> PackedFields.unpackAbove(bytes, 0, 1, 8, 4, 5, codes, 0));
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> PackedFields.unpackTernary(bytes, 0, 8, 5, codes, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> PackedFields.lookUp(bytes, codes, 0, 1));
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> PackedFields.scale(codes, 0, 2, 16, 0, new float[1], new float[2], new float[32], 0));
  }

  private static byte[] random(int length, int seed) {
    byte[] bytes = new byte[length];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }

  private static float[] floats(int length, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = i % 3 == 2 ? 0 : (float) random.nextGaussian();
    }
    return values;
  }
}
