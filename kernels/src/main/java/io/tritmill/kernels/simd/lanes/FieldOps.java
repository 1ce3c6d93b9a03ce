package io.tritmill.kernels.simd.lanes;

/** The loops of {@code PackedFields}, one sentence each; {@link ScalarFieldOps} defines them. */
public interface FieldOps {
  /**
   * {@code into[(g 8/width + f) bytes + i] = source[g bytes + i] >>> f width & 2^width - 1} for
   * every group g and field f.
   */
  void unpack(byte[] source, int offset, int groups, int bytes, int width, byte[] into, int at);

  /** As {@link #unpack}, but the fields go above the lowest {@code shift} bits of what is there. */
  void unpackAbove(
      byte[] source, int offset, int groups, int bytes, int width, int shift, byte[] into, int at);

  /** {@code into[d bytes + i]} is digit d of the fraction {@code source[i] / 256} in base 3. */
  void unpackTernary(byte[] source, int offset, int bytes, int digits, byte[] into, int at);

  /** {@code codes[i] = table[codes[i] & 15]}. */
  void lookUp(byte[] table, byte[] codes, int at, int count);

  /** {@code into[r length + i] = steps[r] * (codes[r length + i] - bias) - least[r]}, not fused. */
  void scale(
      byte[] codes,
      int codesAt,
      int runs,
      int length,
      int bias,
      float[] steps,
      float[] least,
      float[] into,
      int at);
}
