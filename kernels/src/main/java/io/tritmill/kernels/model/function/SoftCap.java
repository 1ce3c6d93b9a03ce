package io.tritmill.kernels.model.function;

/** Keeps values between -c and c: c tanh(x / c) (arXiv:2408.00118, section 2). */
public final class SoftCap {
  private SoftCap() {}

  /**
   * Caps some values after they are scaled, in place.
   *
   * @param scale what they are multiplied by before
   * @param cap c, above 0
   */
  public static void apply(float[] x, int at, int count, double scale, double cap) {
    double factor = scale / cap;
    for (int i = at; i < at + count; i++) {
      x[i] = (float) (cap * Math.tanh(x[i] * factor));
    }
  }
}
