package io.tritmill.kernels.tensor;

import java.util.Objects;

/**
 * Numbers of 8 bits that the Open Compute Project calls E4M3: sign, four bits of exponent about 7,
 * three of mantissa; no infinity, and of NaN the largest of either sign. Thread-safe.
 */
public final class Float8 {
  private static final float[] VALUES = values();
  private static final float LARGEST = 448;

  private Float8() {}

  private static float[] values() {
    float[] values = new float[256];
    for (int code = 0; code < 128; code++) {
      int exponent = code >> 3;
      int mantissa = code & 7;
      int whole = exponent == 0 ? mantissa : 8 + mantissa;
      float value = Math.scalb((float) whole, Math.max(exponent, 1) - 10);
      values[code] = code == 127 ? Float.NaN : value;
      values[code + 128] = -values[code];
    }
    return values;
  }

  /**
   * Decodes numbers, each multiplied by the same scale in single precision.
   *
   * @throws IndexOutOfBoundsException if one of the arrays has no such range
   */
  public static void decode(
      byte[] source, int offset, float scale, float[] into, int at, int count) {
    Objects.checkFromIndexSize(offset, count, source.length);
    Objects.checkFromIndexSize(at, count, into.length);
    for (int i = 0; i < count; i++) {
      into[at + i] = VALUES[source[offset + i] & 255] * scale;
    }
  }

  /**
   * Encodes numbers, each divided by the same scale: the nearest, of two the even one, and the
   * largest finite one for all beyond it.
   *
   * @throws IndexOutOfBoundsException if one of the arrays has no such range
   */
  public static void encode(
      float[] source, int at, float scale, byte[] into, int offset, int count) {
    Objects.checkFromIndexSize(at, count, source.length);
    Objects.checkFromIndexSize(offset, count, into.length);
    for (int i = 0; i < count; i++) {
      into[offset + i] = encode(source[at + i] / scale);
    }
  }

  private static byte encode(float value) {
    int sign = Float.floatToRawIntBits(value) >>> 24 & 128;
    float magnitude = Math.abs(value);
    if (Float.isNaN(value)) {
      return (byte) (sign | 127);
    }
    if (magnitude >= LARGEST) {
      return (byte) (sign | 126);
    }
    int exponent = Math.max(Math.getExponent(magnitude), -6);
    // Rounded up to sixteen eighths, it is the first of the next exponent, as codes ascend.
    int eighths = (int) Math.rint(Math.scalb(magnitude, 3 - exponent));
    return (byte) (sign | (exponent + 7 << 3) + eighths - 8);
  }
}
