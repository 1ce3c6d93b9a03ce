package io.tritmill.jobs.calibrate.stream;

import java.io.Serializable;

/**
 * How far the compressed model's hidden state h' is from h, in sums over tokens.
 *
 * @param tokens tokens
 * @param square sum of |h|^2
 * @param compressedSquare sum of |h'|^2
 * @param product sum of h h'
 * @param difference sum of |h - h'|^2
 */
public record HiddenError(
    long tokens, double square, double compressedSquare, double product, double difference)
    implements Serializable {
  /** Of no tokens. */
  public static final HiddenError NONE = new HiddenError(0, 0, 0, 0, 0);

  /**
   * That of some tokens.
   *
   * @param width of the stream
   * @param clean (tokens, width)
   * @param compressed likewise
   */
  public static HiddenError of(int tokens, int width, float[] clean, float[] compressed) {
    double square = 0;
    double compressedSquare = 0;
    double product = 0;
    double difference = 0;
    for (int i = 0; i < tokens * width; i++) {
      double h = clean[i];
      double c = compressed[i];
      square += h * h;
      compressedSquare += c * c;
      product += h * c;
      difference += (h - c) * (h - c);
    }
    return new HiddenError(tokens, square, compressedSquare, product, difference);
  }

  /** Of the tokens of both. */
  public HiddenError plus(HiddenError other) {
    return new HiddenError(
        tokens + other.tokens,
        square + other.square,
        compressedSquare + other.compressedSquare,
        product + other.product,
        difference + other.difference);
  }

  /** ||h - h'|| / ||h||. */
  public double relative() {
    return Math.sqrt(difference / square);
  }

  /** Cosine of the angle between h and h' over all tokens. */
  public double cosine() {
    return product / Math.sqrt(square * compressedSquare);
  }
}
