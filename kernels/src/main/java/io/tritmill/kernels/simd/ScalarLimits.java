package io.tritmill.kernels.simd;

/** The limits of plain loops. */
final class ScalarLimits implements LimitLoops {
  private static final int CHAINS = 12;
  private static final float FACTOR = 0.5f;
  private static final float ADDEND = 1;

  @Override
  public int multiplyAddsInRound() {
    return CHAINS;
  }

  @Override
  public float multiplyAdd(int rounds) {
    float s0 = 0, s1 = 1, s2 = 2, s3 = 3, s4 = 4, s5 = 5;
    float s6 = 6, s7 = 7, s8 = 8, s9 = 9, s10 = 10, s11 = 11;
    for (int round = 0; round < rounds; round++) {
      s0 = Math.fma(s0, FACTOR, ADDEND);
      s1 = Math.fma(s1, FACTOR, ADDEND);
      s2 = Math.fma(s2, FACTOR, ADDEND);
      s3 = Math.fma(s3, FACTOR, ADDEND);
      s4 = Math.fma(s4, FACTOR, ADDEND);
      s5 = Math.fma(s5, FACTOR, ADDEND);
      s6 = Math.fma(s6, FACTOR, ADDEND);
      s7 = Math.fma(s7, FACTOR, ADDEND);
      s8 = Math.fma(s8, FACTOR, ADDEND);
      s9 = Math.fma(s9, FACTOR, ADDEND);
      s10 = Math.fma(s10, FACTOR, ADDEND);
      s11 = Math.fma(s11, FACTOR, ADDEND);
    }
    return s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11;
  }

  @Override
  public float read(float[] a, int offset, int length) {
    float s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
    int end = offset + length;
    int i = offset;
    for (; i <= end - 8; i += 8) {
      s0 += a[i];
      s1 += a[i + 1];
      s2 += a[i + 2];
      s3 += a[i + 3];
      s4 += a[i + 4];
      s5 += a[i + 5];
      s6 += a[i + 6];
      s7 += a[i + 7];
    }
    for (; i < end; i++) {
      s0 += a[i];
    }
    return s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7;
  }
}
