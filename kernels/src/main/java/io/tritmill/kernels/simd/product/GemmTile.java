package io.tritmill.kernels.simd.product;

/**
 * The innermost part of a matrix product: a block of c small enough for registers, and the order in
 * which it reads its operands.
 *
 * <p>A panel holds {@link #rows} neighbouring rows of a, or {@link #columns} neighbouring columns
 * of b, interleaved: all of its elements of step k lie together, before those of step k + 1.
 */
interface GemmTile {
  /** Rows of c that one call computes. */
  int rows();

  /** Columns of c that one call computes: a multiple of {@link #lanes}. */
  int columns();

  /** Rows that one call of {@link #interleave} takes. */
  int lanes();

  /**
   * c = a b, or c = c + a b in the sense that c holds the beginning of every element's chain.
   *
   * @param depth steps of k
   * @param a a panel, from aAt on
   * @param b a panel, from bAt on
   * @param c {@link #rows} x {@link #columns} from cAt on, rows cStride apart
   * @param resume whether the chains begin in c, not at zero
   */
  void multiply(
      int depth,
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride,
      boolean resume);

  /**
   * Interleaves rows: {@code into[at + p * intoStride + r] = source[from + r * stride + p]}.
   *
   * <p>Steps are written in ascending order, each in {@link #lanes} elements. Those of rows that do
   * not exist have no meaning; where {@code intoStride} is smaller the next step overwrites them,
   * and the last step reaches beyond the panel.
   *
   * @param rows rows that exist, 1 to {@link #lanes}
   * @param depth elements of a row
   * @param scratch {@link #lanes} squared elements
   */
  void interleave(
      int rows,
      int depth,
      float[] source,
      int from,
      int stride,
      float[] into,
      int at,
      int intoStride,
      float[] scratch);
}
