package io.tritmill.kernels.linalg;

import io.tritmill.kernels.simd.ColumnProducts;
import java.util.Objects;

/**
 * Gathers some neighbouring strips of X'Y, or of the upper half of X'X, over tokens, the rows of X
 * and Y: a part of what {@link CrossGram} or {@link GramAccumulator} gathers, in the memory of that
 * part.
 *
 * <p>Tokens come chunk after chunk. Chains begin anew with each chunk, so that the bits depend on
 * the chunks and their order alone; for one chunk they are those of the whole matrix.
 *
 * <p>Not for several threads.
 */
public final class StripSums {
  private final int columns;
  private final int first;
  private final int[] rows; // of each strip
  private final double[][] sums;
  private final TokenBuffer x;
  private final TokenBuffer y; // the same one for a square

  private StripSums(int rows, int columns, int first, int end, boolean square) {
    Objects.checkFromToIndex(first, end, ColumnProducts.strips(columns));
    this.columns = columns;
    this.first = first;
    this.rows = new int[end - first];
    sums = new double[end - first][];
    for (int s = first; s < end; s++) {
      int width = ColumnProducts.stripColumns(columns, s);
      int height = square ? s * ColumnProducts.STRIP + width : rows;
      this.rows[s - first] = height;
      sums[s - first] = new double[Math.multiplyExact(height, width)];
    }
    y = new TokenBuffer(columns);
    x = square ? y : new TokenBuffer(rows);
  }

  /**
   * Zeros for strips {@code [first, end)} of X'X, each as {@link Gram} has it.
   *
   * @param columns values of a token
   */
  public static StripSums ofSquare(int columns, int first, int end) {
    return new StripSums(columns, columns, first, end, true);
  }

  /**
   * Zeros for strips {@code [first, end)} of X'Y, each with all rows.
   *
   * @param rows values of a token of X
   * @param columns values of a token of Y
   */
  public static StripSums ofProduct(int rows, int columns, int first, int end) {
    return new StripSums(rows, columns, first, end, false);
  }

  /**
   * Adds the next chain of tokens: {@link ColumnProducts#CHAIN} of them, fewer only at the end of a
   * chunk.
   *
   * @param xTokens (count, rows), perhaps with room after it
   * @param yTokens (count, columns), perhaps with room after it; the same as X for a square
   * @param weights of all tokens of the chunk, finite and not negative; null where all count alike
   * @param token number of the first of these tokens in the chunk
   */
  public void add(int count, float[] xTokens, float[] yTokens, float[] weights, int token) {
    Objects.checkIndex(count, ColumnProducts.CHAIN + 1);
    if (weights == null) {
      add(count, xTokens, yTokens);
      return;
    }
    scale(y, count, yTokens, weights, token);
    if (x != y) {
      scale(x, count, xTokens, weights, token);
    }
    add(count, x.values(), y.values());
  }

  private static void scale(
      TokenBuffer buffer, int count, float[] tokens, float[] weights, int token) {
    TokenBuffer.checkWeights(token + count, weights);
    buffer.clear();
    buffer.append(count, tokens, 0);
    buffer.scaleLast(count, weights, token);
  }

  private void add(int count, float[] xTokens, float[] yTokens) {
    int end = first + sums.length;
    if (x == y) {
      ColumnProducts.addSquare(count, columns, yTokens, 0, columns, first, end, sums);
      return;
    }
    int from = first * ColumnProducts.STRIP;
    int width = Math.min(columns, end * ColumnProducts.STRIP) - from;
    ColumnProducts.addProduct(
        count, x.columns(), xTokens, 0, x.columns(), width, yTokens, from, columns, sums);
  }

  /** One of the strips, whose array is not copied; more tokens change it. */
  public Strip strip(int s) {
    int width = ColumnProducts.stripColumns(columns, s);
    if (x == y) {
      Gram.mirror(width, s * ColumnProducts.STRIP, sums[s - first]);
    }
    return new Strip(s * ColumnProducts.STRIP, width, rows[s - first], sums[s - first]);
  }

  /** The first column of these strips of X'X that is not finite on the diagonal; -1 for none. */
  public int firstNonFiniteColumn() {
    for (int s = 0; s < sums.length; s++) {
      int width = ColumnProducts.stripColumns(columns, first + s);
      int begin = (first + s) * ColumnProducts.STRIP;
      for (int j = 0; j < width; j++) {
        if (!Double.isFinite(sums[s][(begin + j) * width + j])) {
          return begin + j;
        }
      }
    }
    return -1;
  }
}
