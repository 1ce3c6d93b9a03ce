package io.tritmill.kernels.model;

/**
 * Turns the pairs (i, i + headSize / 2) of queries and keys by position times frequency i
 * (arXiv:2104.09864).
 *
 * <p>Frequencies and angles are computed in double, sines and cosines kept in float.
 */
final class RotaryEmbedding {
  private final int headSize;
  private final float[] cosine; // (positions, headSize / 2)
  private final float[] sine; // (positions, headSize / 2)

  /**
   * Tables for positions 0 to {@code positions - 1}.
   *
   * @param headSize even
   */
  RotaryEmbedding(Rope rope, int headSize, int positions) {
    this.headSize = headSize;
    int half = headSize / 2;
    cosine = new float[Math.multiplyExact(positions, half)];
    sine = new float[cosine.length];
    double[] frequencies = frequencies(rope, headSize);
    for (int position = 0; position < positions; position++) {
      for (int i = 0; i < half; i++) {
        double angle = position * frequencies[i];
        cosine[position * half + i] = (float) StrictMath.cos(angle);
        sine[position * half + i] = (float) StrictMath.sin(angle);
      }
    }
  }

  /** Radians a position for each pair: theta^(-2i / headSize), then scaled. */
  static double[] frequencies(Rope rope, int headSize) {
    double[] frequencies = new double[headSize / 2];
    for (int i = 0; i < frequencies.length; i++) {
      double plain = StrictMath.pow(rope.theta(), -2.0 * i / headSize);
      frequencies[i] =
          switch (rope.scaling()) {
            case Rope.None none -> plain;
            case Rope.Linear linear -> plain / linear.factor();
            case Rope.Llama3 llama3 -> scale(plain, llama3);
          };
    }
    return frequencies;
  }

  /**
   * Frequencies of more than highFrequencyFactor turns in the original context stay, those of less
   * than lowFrequencyFactor turns are divided, those between are mixed by their place on the ramp.
   */
  private static double scale(double frequency, Rope.Llama3 scaling) {
    double turns = scaling.originalPositions() * frequency / (2 * Math.PI);
    double low = scaling.lowFrequencyFactor();
    double high = scaling.highFrequencyFactor();
    if (turns > high) {
      return frequency;
    }
    if (turns < low) {
      return frequency / scaling.factor();
    }
    double kept = high > low ? (turns - low) / (high - low) : 1;
    return kept * frequency + (1 - kept) * frequency / scaling.factor();
  }

  /**
   * Turns one vector back: the transposed rotation of a position.
   *
   * @param x (headSize) from {@code at} on; changed in place
   */
  void turnBack(int position, float[] x, int at) {
    int half = headSize / 2;
    int table = position * half;
    for (int i = 0; i < half; i++) {
      float a = x[at + i];
      float b = x[at + half + i];
      x[at + i] = a * cosine[table + i] + b * sine[table + i];
      x[at + half + i] = b * cosine[table + i] - a * sine[table + i];
    }
  }

  /**
   * Turns every head of a sequence that begins at position 0.
   *
   * @param length positions
   * @param heads heads side by side in a row
   * @param x (length, heads, headSize) from {@code at} on; changed in place
   */
  void rotate(int length, int heads, float[] x, int at) {
    int half = headSize / 2;
    for (int position = 0; position < length; position++) {
      int table = position * half;
      for (int head = 0; head < heads; head++) {
        int first = at + (position * heads + head) * headSize;
        int second = first + half;
        for (int i = 0; i < half; i++) {
          float a = x[first + i];
          float b = x[second + i];
          x[first + i] = a * cosine[table + i] - b * sine[table + i];
          x[second + i] = b * cosine[table + i] + a * sine[table + i];
        }
      }
    }
  }
}
