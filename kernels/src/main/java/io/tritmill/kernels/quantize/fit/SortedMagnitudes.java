package io.tritmill.kernels.quantize.fit;

import io.tritmill.kernels.simd.Simd;

/**
 * The magnitudes of one group in ascending order with their running sums.
 *
 * <p>Codes that follow from thresholds need no look at the weights: how many magnitudes lie in a
 * level and what they sum to are differences of ranks and of running sums. So a round of fitting
 * costs a few searches, whatever the width of the group. Magnitudes are kept as the bits of a
 * float, which order as integers do.
 */
final class SortedMagnitudes {
  /** Thresholds that {@link #rank} searches at once. */
  static final int STRIDE = 4;

  private final int[] bits;
  private final double[] sums;
  private int length;

  SortedMagnitudes(int mostWeights) {
    bits = new int[mostWeights];
    sums = new double[mostWeights + 1];
  }

  /** Takes the weights of a group, at least 1. */
  void load(float[] w, int offset, int count) {
    length = count;
    Simd.sortMagnitudes(w, offset, count, bits, 0);
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += Float.intBitsToFloat(bits[i]);
      sums[i + 1] = sum;
    }
  }

  int length() {
    return length;
  }

  double largest() {
    return Float.intBitsToFloat(bits[length - 1]);
  }

  int nonzero() {
    int zeros = 0;
    while (zeros < length && bits[zeros] == 0) {
      zeros++;
    }
    return length - zeros;
  }

  double rootMeanSquare() {
    double squares = 0;
    for (int i = 0; i < length; i++) {
      double magnitude = Float.intBitsToFloat(bits[i]);
      squares += magnitude * magnitude;
    }
    return Math.sqrt(squares / length);
  }

  /** The sum of the magnitudes of ranks {@code [from, to)}. */
  double sum(int from, int to) {
    return sums[to] - sums[from];
  }

  /**
   * For each of the four thresholds from {@code first} on, how many magnitudes are not above it.
   *
   * <p>Four searches side by side and without branches: their steps overlap in the processor.
   */
  void rank(double[] thresholds, int first, int[] into) {
    int key0 = key(thresholds[first]);
    int key1 = key(thresholds[first + 1]);
    int key2 = key(thresholds[first + 2]);
    int key3 = key(thresholds[first + 3]);
    int rank0 = 0;
    int rank1 = 0;
    int rank2 = 0;
    int rank3 = 0;
    int left = length;
    while (left > 1) {
      int half = left >>> 1;
      rank0 += half & notAbove(rank0 + half - 1, key0);
      rank1 += half & notAbove(rank1 + half - 1, key1);
      rank2 += half & notAbove(rank2 + half - 1, key2);
      rank3 += half & notAbove(rank3 + half - 1, key3);
      left -= half;
    }
    into[first] = rank0 - notAbove(rank0, key0);
    into[first + 1] = rank1 - notAbove(rank1, key1);
    into[first + 2] = rank2 - notAbove(rank2, key2);
    into[first + 3] = rank3 - notAbove(rank3, key3);
  }

  /** All ones if the magnitude is below the key, else 0; neither is negative. */
  private int notAbove(int index, int key) {
    return (bits[index] - key) >> 31;
  }

  /** The least bits above the threshold, which is taken as a float. */
  private static int key(double threshold) {
    return Float.floatToRawIntBits((float) threshold) + 1;
  }
}
