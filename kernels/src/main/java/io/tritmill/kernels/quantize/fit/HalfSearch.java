package io.tritmill.kernels.quantize.fit;

/**
 * The scale and the least value of a block as IEEE halves, from those that are best as any numbers.
 *
 * <p>The scale is fitted again to the least value as it is rounded. Where that moves by a part of
 * the scale that tells, as it does where weights lie far from zero and close together, the halves
 * beside it are tried too.
 */
final class HalfSearch {
  /** Part of a scale that a half may move by and nothing is lost. */
  private static final double FINE = 0.25;

  private static final int TURNS = 2;

  private static final int HALF_BITS = 10;
  private static final int LEAST_EXPONENT = -14;

  private final int top;
  private final int width;
  private float scale;
  private float least;
  private double bestError;

  /**
   * @param top the largest code
   * @param width columns of a block
   */
  HalfSearch(int top, int width) {
    this.top = top;
    this.width = width;
  }

  /** What codes are multiplied by, at least 0. */
  float scale() {
    return scale;
  }

  /** What is subtracted. */
  float least() {
    return least;
  }

  /**
   * Finds them.
   *
   * @param w weights of the block, from {@code at} on
   * @param v what the squared error of each counts, from 0 on
   * @param wantedScale the best of any numbers, which half has none beyond
   * @param wantedLeast the same
   */
  void fit(float[] w, int at, float[] v, double wantedScale, double wantedLeast) {
    bestError = Double.POSITIVE_INFINITY;
    float nearest = half(wantedLeast);
    attempt(w, at, v, half(wantedScale), nearest);
    int exponent = Math.max(Math.getExponent(nearest), LEAST_EXPONENT);
    float step = Math.scalb(1f, exponent - HALF_BITS);
    if (wantedScale == 0 || step <= FINE * wantedScale) {
      return;
    }
    float most = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < width; i++) {
      most = Math.max(most, w[at + i]);
    }
    for (int beside = -1; beside <= 1; beside++) {
      float m = half(nearest + (double) beside * step);
      if (Float.isFinite(m)) {
        attempt(w, at, v, half(Math.max(0, (double) most + m) / top), m);
      }
    }
  }

  /** Takes a scale and a least value, or a better scale for the codes that they make. */
  private void attempt(float[] w, int at, float[] v, float from, float m) {
    float s = from;
    for (int turn = 0; turn < TURNS && Float.isFinite(s); turn++) {
      float inverse = s == 0 ? 0 : 1 / s;
      double error = 0;
      double products = 0;
      double squares = 0;
      for (int i = 0; i < width; i++) {
        float value = w[at + i] + m;
        float code = (float) Math.rint(Math.clamp(value * inverse, 0, top));
        double miss = value - s * code;
        error += v[i] * miss * miss;
        products += (double) v[i] * code * value;
        squares += (double) v[i] * code * code;
      }
      if (error < bestError) {
        bestError = error;
        scale = s;
        least = m;
      }
      if (!(squares > 0) || !(products > 0)) {
        return;
      }
      s = half(products / squares);
    }
  }

  private static float half(double value) {
    return Float.float16ToFloat(Float.floatToFloat16((float) value));
  }
}
