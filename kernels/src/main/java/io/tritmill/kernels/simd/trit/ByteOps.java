package io.tritmill.kernels.simd.trit;

/** Floats to int8, defined to the bit by {@link ScalarByteOps}. */
public interface ByteOps {
  /**
   * Writes the nearest integers to a[i] * 127 / max |a|, ties to even, and returns the scale that
   * takes them back, max |a| / 127.
   *
   * <p>When all |a[i]| are below 2^-119, everything is 0; when one is NaN or infinite, the integers
   * are 0 and the scale is NaN.
   */
  float quantize(float[] a, int offset, int length, byte[] into, int at);
}
