package io.tritmill.kernels.linalg;

import io.tritmill.kernels.simd.ColumnProducts;

/**
 * Tokens that wait until there are enough of them for a product.
 *
 * <p>So where sums are cut depends on the number of a token alone, not on how many arrive at a
 * time.
 */
final class TokenBuffer {
  static final int TOKENS = ColumnProducts.CHAIN;

  private final int columns;
  private float[] values = {}; // (TOKENS, columns)
  private int tokens;

  TokenBuffer(int columns) {
    if (columns < 1) {
      throw new IllegalArgumentException("A token of " + columns + " values");
    }
    this.columns = columns;
  }

  int columns() {
    return columns;
  }

  /** Tokens that wait. */
  int tokens() {
    return tokens;
  }

  /** Tokens that still fit. */
  int room() {
    return TOKENS - tokens;
  }

  /** (tokens, columns). */
  float[] values() {
    return values;
  }

  void clear() {
    tokens = 0;
  }

  /**
   * Appends at most {@link #room} tokens.
   *
   * @param x (count, columns) from token first on
   */
  void append(int count, float[] x, int first) {
    allocate();
    System.arraycopy(x, first * columns, values, tokens * columns, count * columns);
    tokens += count;
  }

  /** Multiplies the last {@code count} tokens by the square roots of their weights. */
  void scaleLast(int count, float[] weights, int first) {
    for (int t = 0; t < count; t++) {
      float factor = (float) Math.sqrt(weights[first + t]);
      int row = (tokens - count + t) * columns;
      for (int j = row; j < row + columns; j++) {
        values[j] *= factor;
      }
    }
  }

  private void allocate() {
    if (values.length == 0) {
      values = new float[Math.multiplyExact(TOKENS, columns)];
    }
  }

  static void checkWeights(int tokens, float[] weights) {
    if (weights.length < tokens) {
      throw new IllegalArgumentException(tokens + " tokens have " + weights.length + " weights");
    }
    for (int t = 0; t < tokens; t++) {
      if (!(weights[t] >= 0 && weights[t] < Float.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("Token " + t + " has the weight " + weights[t]);
      }
    }
  }
}
