package io.tritmill.jobs.calibrate;

import java.io.IOException;
import java.util.function.BinaryOperator;

/**
 * The order in which sums of chunks are added: halves first, then the two. The bits of every sum
 * over chunks depend on it, so there is one.
 */
final class ChunkTree {
  private ChunkTree() {}

  /** Makes the sum of one chunk. */
  interface Leaf<S> {
    S of(int chunk) throws IOException;
  }

  /**
   * The sum over so many chunks, at least one.
   *
   * @param add may change and return its first argument
   */
  static <S> S sum(int chunks, Leaf<S> leaf, BinaryOperator<S> add) throws IOException {
    return sum(0, chunks, leaf, add);
  }

  private static <S> S sum(int from, int to, Leaf<S> leaf, BinaryOperator<S> add)
      throws IOException {
    if (to - from == 1) {
      return leaf.of(from);
    }
    int middle = (from + to + 1) / 2;
    S left = sum(from, middle, leaf, add);
    return add.apply(left, sum(middle, to, leaf, add));
  }
}
