package io.tritmill.kernels.tensor;

import java.util.Objects;

/**
 * Numbers of 8 bits that the Open Compute Project calls E4M3: sign, four bits of exponent about 7,
 * three of mantissa; no infinity, and of NaN the largest of either sign. Thread-safe.
 */
public final class Float8 {
  private static final float[] VALUES = values();

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
}
