package io.tritmill.kernels.quantize.fit;

import io.tritmill.kernels.simd.Simd;

/**
 * The levels up to 4, from a sweep over the weights for each scale: counts and sums above four
 * thresholds are one pass in registers, and cheaper than sorting the group once.
 *
 * <p>Sums are those of floats; a scale is stored with far fewer bits.
 */
final class SweptLevelSums implements LevelSums {
  private static final int TOP = 4;

  private final float[] thresholds = new float[TOP];
  private final int[] above = new int[TOP];
  private final float[] sums = new float[TOP];
  private float[] w;
  private int offset;
  private int length;
  private double product;
  private double square;

  @Override
  public void load(float[] weights, int from, int count) {
    w = weights;
    offset = from;
    length = count;
  }

  @Override
  public double largest() {
    int bits = 0;
    for (int i = offset; i < offset + length; i++) {
      bits = Math.max(bits, Float.floatToRawIntBits(w[i]) & 0x7fffffff);
    }
    return Float.intBitsToFloat(bits);
  }

  @Override
  public double rootMeanSquare() {
    return Math.sqrt(Simd.sumOfSquares(w, offset, length) / length);
  }

  @Override
  public void choose(double scale) {
    for (int k = 0; k < TOP; k++) {
      thresholds[k] = (float) ((k + 0.5) * scale);
    }
    Simd.tally(w, offset, length, thresholds, TOP, above, sums);
    product = 0;
    square = 0;
    for (int k = 0; k < TOP; k++) {
      // A magnitude at level k is above k thresholds, and k^2 is the sum of the first k odd
      // numbers.
      product += sums[k];
      square += (2.0 * k + 1) * above[k];
    }
  }

  @Override
  public double product() {
    return product;
  }

  @Override
  public double square() {
    return square;
  }
}
