package io.tritmill.kernels.linalg;

import io.tritmill.kernels.simd.ColumnProducts;
import java.util.Objects;

/**
 * Gathers the Gram matrix X'X of one chunk of tokens, the rows of X.
 *
 * <p>Products are summed in float over chains of {@link ColumnProducts#CHAIN} tokens, counted from
 * the first token of the chunk, and chains are added in double. So the bits of the result depend on
 * the chunk's tokens and their order, not on how many of them arrive at a time, and the error of an
 * element is about a millionth of the sum of the absolute products (see {@link ColumnProducts}),
 * for chunks of any length.
 *
 * <p>Takes 4 columns^2 bytes for the sums and 2 kB a column for tokens that wait. Not for several
 * threads.
 */
public final class GramAccumulator {
  private final TokenBuffer buffer;
  private final double[][] sums;
  private long tokens;
  private boolean finished;

  /**
   * Zeros.
   *
   * @param columns values of a token, at least 1
   */
  public GramAccumulator(int columns) {
    buffer = new TokenBuffer(columns);
    sums = Gram.zeros(columns);
  }

  /**
   * Adds tokens of weight 1.
   *
   * @param count number of tokens
   * @param x (count, columns), perhaps with room after it
   */
  public void add(int count, float[] x) {
    check(count, x);
    for (int t = 0; t < count; ) {
      if (buffer.tokens() == 0 && count - t >= TokenBuffer.TOKENS) {
        int whole = (count - t) / TokenBuffer.TOKENS * TokenBuffer.TOKENS;
        int columns = buffer.columns();
        ColumnProducts.addSquare(whole, columns, x, t * columns, columns, sums);
        t += whole;
      } else {
        int taken = Math.min(buffer.room(), count - t);
        buffer.append(taken, x, t);
        flushIfFull();
        t += taken;
      }
    }
    tokens += count;
  }

  /**
   * Adds tokens, each with the weight w in X' diag(w) X.
   *
   * @param weights (count), finite and not negative; 1 changes nothing
   * @throws IllegalArgumentException if a weight is none
   */
  public void add(int count, float[] x, float[] weights) {
    check(count, x);
    TokenBuffer.checkWeights(count, weights);
    for (int t = 0; t < count; ) {
      int taken = Math.min(buffer.room(), count - t);
      buffer.append(taken, x, t);
      buffer.scaleLast(taken, weights, t);
      flushIfFull();
      t += taken;
    }
    tokens += count;
  }

  /** The Gram matrix of all tokens; the accumulator can take no more. */
  public Gram finish() {
    checkOpen();
    flush();
    finished = true;
    Gram.mirror(buffer.columns(), sums);
    return new Gram(buffer.columns(), tokens, sums);
  }

  private void flushIfFull() {
    if (buffer.room() == 0) {
      flush();
    }
  }

  private void flush() {
    int columns = buffer.columns();
    ColumnProducts.addSquare(buffer.tokens(), columns, buffer.values(), 0, columns, sums);
    buffer.clear();
  }

  private void check(int count, float[] x) {
    checkOpen();
    Objects.checkFromIndexSize(0, Math.multiplyExact(count, buffer.columns()), x.length);
  }

  private void checkOpen() {
    if (finished) {
      throw new IllegalStateException("This chunk is finished");
    }
  }
}
