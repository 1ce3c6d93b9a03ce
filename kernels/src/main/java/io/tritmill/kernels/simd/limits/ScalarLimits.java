package io.tritmill.kernels.simd.limits;

/** The limits of plain loops. */
final class ScalarLimits implements LimitLoops {
  private static final int CHAINS = 12;
  private static final float FACTOR = 0.5f;

  @Override
  public int multiplyAddsInRound() {
    return CHAINS;
  }

  @Override
  public float multiplyAdd(int rounds) {
    float s0 = 1, s1 = 2, s2 = 3, s3 = 4, s4 = 5, s5 = 6;
    float s6 = 7, s7 = 8, s8 = 9, s9 = 10, s10 = 11, s11 = 12;
    for (int round = 0; round < rounds; round++) {
      s0 = Math.fma(FACTOR, FACTOR, s0);
      s1 = Math.fma(FACTOR, FACTOR, s1);
      s2 = Math.fma(FACTOR, FACTOR, s2);
      s3 = Math.fma(FACTOR, FACTOR, s3);
      s4 = Math.fma(FACTOR, FACTOR, s4);
      s5 = Math.fma(FACTOR, FACTOR, s5);
      s6 = Math.fma(FACTOR, FACTOR, s6);
      s7 = Math.fma(FACTOR, FACTOR, s7);
      s8 = Math.fma(FACTOR, FACTOR, s8);
      s9 = Math.fma(FACTOR, FACTOR, s9);
      s10 = Math.fma(FACTOR, FACTOR, s10);
      s11 = Math.fma(FACTOR, FACTOR, s11);
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
