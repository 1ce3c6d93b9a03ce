package io.tritmill.kernels.model.function;

import io.tritmill.kernels.model.Rope;

/**
 * Turns pairs of elements of queries and keys by position times the pair's frequency
 * (arXiv:2104.09864): pairs (i, i + size / 2) or (2i, 2i + 1) of the first size elements of a head.
 *
 * <p>Frequencies and angles are computed in double, sines and cosines kept in float.
 */
public final class RotaryEmbedding {
  private final int headSize;
  private final int step; // from an element of a pair to that of the next pair
  private final int apart; // from an element of a pair to the other one
  private final int half; // pairs
  private final float[] cosine; // (positions, half)
  private final float[] sine; // (positions, half)

  /**
   * Tables for positions 0 to {@code positions - 1}.
   *
   * @param headSize no less than what is rotated of a head
   */
  public RotaryEmbedding(Rope rope, int headSize, int positions) {
    this.headSize = headSize;
    half = rope.size() / 2;
    step = rope.interleaved() ? 2 : 1;
    apart = rope.interleaved() ? 1 : half;
    cosine = new float[Math.multiplyExact(positions, half)];
    sine = new float[cosine.length];
    double[] frequencies = frequencies(rope);
    for (int position = 0; position < positions; position++) {
      for (int i = 0; i < half; i++) {
        double angle = position * frequencies[i];
        cosine[position * half + i] = (float) (StrictMath.cos(angle) * rope.factor());
        sine[position * half + i] = (float) (StrictMath.sin(angle) * rope.factor());
      }
    }
  }

  /** Radians a position for each pair: theta^(-2i / size), then scaled. */
  public static double[] frequencies(Rope rope) {
    double[] frequencies = new double[rope.size() / 2];
    for (int i = 0; i < frequencies.length; i++) {
      double plain = StrictMath.pow(rope.theta(), -2.0 * i / rope.size());
      frequencies[i] =
          switch (rope.scaling()) {
            case Rope.None none -> plain;
            case Rope.Linear linear -> plain / linear.factor();
            case Rope.Llama3 llama3 -> scale(plain, llama3);
            case Rope.Proportional proportional ->
                i < proportional.pairs() ? plain / proportional.factor() : 0;
            case Rope.Divided divided -> plain / divided.factors().get(i);
            case Rope.Yarn yarn -> scale(i, plain, rope, yarn);
            case Rope.LongRope longRope ->
                throw new IllegalArgumentException("LongRope is not known without a length");
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

  /** A ramp over pairs from those that stay to those that are divided. */
  private static double scale(int pair, double frequency, Rope rope, Rope.Yarn scaling) {
    double low = pairOf(scaling.betaFast(), rope, scaling);
    double high = pairOf(scaling.betaSlow(), rope, scaling);
    if (scaling.truncate()) {
      low = Math.floor(low);
      high = Math.ceil(high);
    }
    low = Math.max(low, 0);
    high = Math.min(high, rope.size() - 1);
    double width = high == low ? 0.001 : high - low;
    double divided = Math.clamp((pair - low) / width, 0, 1);
    return frequency / scaling.factor() * divided + frequency * (1 - divided);
  }

  /** The pair, in parts of pairs, that makes so many turns in the original context. */
  private static double pairOf(double turns, Rope rope, Rope.Yarn scaling) {
    double wave = scaling.originalPositions() / (2 * Math.PI * turns);
    return rope.size() * Math.log(wave) / (2 * Math.log(rope.theta()));
  }

  /**
   * Turns one vector back: the transposed rotation of a position, whose factor is 1.
   *
   * @param x (headSize) from {@code at} on; changed in place
   */
  public void turnBack(int position, float[] x, int at) {
    int table = position * half;
    for (int i = 0; i < half; i++) {
      int first = at + i * step;
      float a = x[first];
      float b = x[first + apart];
      x[first] = a * cosine[table + i] + b * sine[table + i];
      x[first + apart] = b * cosine[table + i] - a * sine[table + i];
    }
  }

  /**
   * Turns every head of a stretch of a sequence.
   *
   * @param begin position of the first row
   * @param length positions
   * @param heads heads side by side in a row
   * @param x (length, heads, headSize) from {@code at} on; changed in place
   */
  public void rotate(int begin, int length, int heads, float[] x, int at) {
    for (int row = 0; row < length; row++) {
      int table = (begin + row) * half;
      for (int head = 0; head < heads; head++) {
        int first = at + (row * heads + head) * headSize;
        if (step == 1) {
          rotateHalves(table, x, first);
        } else {
          rotateNeighbours(table, x, first);
        }
      }
    }
  }

  private void rotateHalves(int table, float[] x, int first) {
    int second = first + half;
    for (int i = 0; i < half; i++) {
      float a = x[first + i];
      float b = x[second + i];
      x[first + i] = a * cosine[table + i] - b * sine[table + i];
      x[second + i] = b * cosine[table + i] + a * sine[table + i];
    }
  }

  private void rotateNeighbours(int table, float[] x, int first) {
    for (int i = 0; i < half; i++) {
      float a = x[first + 2 * i];
      float b = x[first + 2 * i + 1];
      x[first + 2 * i] = a * cosine[table + i] - b * sine[table + i];
      x[first + 2 * i + 1] = b * cosine[table + i] + a * sine[table + i];
    }
  }
}
