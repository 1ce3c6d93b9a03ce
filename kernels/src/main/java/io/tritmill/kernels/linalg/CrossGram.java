package io.tritmill.kernels.linalg;

import io.tritmill.kernels.simd.ColumnProducts;
import io.tritmill.kernels.tensor.Matrix;
import java.util.Objects;

/**
 * Gathers X'Y of one chunk of tokens, the rows of X and Y, for instance of the same inputs in a
 * model and in its compressed form.
 *
 * <p>Sums are made as in {@link GramAccumulator} and held in the same strips of columns, each with
 * all rows. Not for several threads.
 */
public final class CrossGram {
  private final TokenBuffer x;
  private final TokenBuffer y;
  private final double[][] sums;
  private long tokens;

  /**
   * Zeros.
   *
   * @param rows values of a token of X, at least 1
   * @param columns values of a token of Y, at least 1
   */
  public CrossGram(int rows, int columns) {
    x = new TokenBuffer(rows);
    y = new TokenBuffer(columns);
    sums = new double[ColumnProducts.strips(columns)][];
    for (int s = 0; s < sums.length; s++) {
      sums[s] = new double[Math.multiplyExact(rows, ColumnProducts.stripColumns(columns, s))];
    }
  }

  /**
   * Adds tokens of weight 1.
   *
   * @param count number of tokens
   * @param xTokens (count, rows), perhaps with room after it
   * @param yTokens (count, columns), perhaps with room after it
   */
  public void add(int count, float[] xTokens, float[] yTokens) {
    check(count, xTokens, yTokens);
    for (int t = 0; t < count; ) {
      int taken = Math.min(x.room(), count - t);
      x.append(taken, xTokens, t);
      y.append(taken, yTokens, t);
      flushIfFull();
      t += taken;
    }
    tokens += count;
  }

  /**
   * Adds tokens, each with the weight w in X' diag(w) Y.
   *
   * @param weights (count), finite and not negative
   */
  public void add(int count, float[] xTokens, float[] yTokens, float[] weights) {
    check(count, xTokens, yTokens);
    TokenBuffer.checkWeights(count, weights);
    for (int t = 0; t < count; ) {
      int taken = Math.min(x.room(), count - t);
      x.append(taken, xTokens, t);
      x.scaleLast(taken, weights, t);
      y.append(taken, yTokens, t);
      y.scaleLast(taken, weights, t);
      flushIfFull();
      t += taken;
    }
    tokens += count;
  }

  /** Number of tokens that were added. */
  public long tokens() {
    return tokens;
  }

  /** Number of strips. */
  public int strips() {
    return sums.length;
  }

  /** One strip, whose array is not copied; the chain of tokens that is being summed ends here. */
  public Strip strip(int s) {
    flush();
    int width = ColumnProducts.stripColumns(y.columns(), s);
    return new Strip(s * ColumnProducts.STRIP, width, x.columns(), sums[s]);
  }

  /** The whole matrix (rows, columns) times a factor, rounded to float. */
  public Matrix toMatrix(double factor) {
    Matrix matrix = Matrix.zeros(x.columns(), y.columns());
    for (int s = 0; s < strips(); s++) {
      strip(s).copyTo(matrix, factor);
    }
    return matrix;
  }

  private void flushIfFull() {
    if (x.room() == 0) {
      flush();
    }
  }

  private void flush() {
    ColumnProducts.addProduct(
        x.tokens(),
        x.columns(),
        x.values(),
        0,
        x.columns(),
        y.columns(),
        y.values(),
        0,
        y.columns(),
        sums);
    x.clear();
    y.clear();
  }

  private void check(int count, float[] xTokens, float[] yTokens) {
    Objects.checkFromIndexSize(0, Math.multiplyExact(count, x.columns()), xTokens.length);
    Objects.checkFromIndexSize(0, Math.multiplyExact(count, y.columns()), yTokens.length);
  }
}
