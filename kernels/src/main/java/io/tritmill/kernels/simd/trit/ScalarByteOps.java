package io.tritmill.kernels.simd.trit;

import java.util.Arrays;

/** The definition of int8 values: plain loops. */
final class ScalarByteOps implements ByteOps {
  static final float LARGEST = 127;

  /** Below it a scale would lose bits, or its inverse be infinite. */
  static final float SMALLEST = 0x1p-119f;

  static final int INFINITY_BITS = 0x7f800000;

  @Override
  public float quantize(float[] a, int offset, int length, byte[] into, int at) {
    // The bits of magnitudes order as integers do, with NaN above infinity.
    int largest = 0;
    for (int i = 0; i < length; i++) {
      largest = Math.max(largest, Float.floatToRawIntBits(Math.abs(a[offset + i])));
    }
    float max = Float.intBitsToFloat(largest);
    if (largest >= INFINITY_BITS || max < SMALLEST) {
      Arrays.fill(into, at, at + length, (byte) 0);
      return largest >= INFINITY_BITS ? Float.NaN : 0;
    }
    float inverse = LARGEST / max;
    for (int i = 0; i < length; i++) {
      into[at + i] = (byte) Math.rint(a[offset + i] * inverse);
    }
    return max / LARGEST;
  }
}
