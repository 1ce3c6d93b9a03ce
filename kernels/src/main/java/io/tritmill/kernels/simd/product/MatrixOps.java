package io.tritmill.kernels.simd.product;

/** The loops of matrix algebra beside the product; {@link ScalarMatrixOps} defines their bits. */
public interface MatrixOps {
  /**
   * Copies pieces of rows so that they lie together: {@code into[at + p * width + j] = source[from
   * + p * stride + j]}.
   *
   * @param rows number of pieces
   * @param width elements of a piece
   */
  void gather(int rows, int width, float[] source, int from, int stride, float[] into, int at);

  /**
   * c += tile, each element in double.
   *
   * @param tile (rows, columns), rows tileStride apart
   * @param c from cAt on, rows cStride apart
   */
  void addTile(
      int rows, int columns, float[] tile, int tileStride, double[] c, int cAt, int cStride);

  /** {@code x[at + j] *= factors[j]}. */
  void scale(float[] x, int at, int length, float[] factors);

  /**
   * Replaces {@code 2^log} elements by their unscaled Walsh-Hadamard transform in natural order:
   * for h = 1, 2, 4, ... every pair (a, b) that is h apart becomes (a + b, a - b).
   */
  void walshHadamard(float[] x, int at, int log);

  /**
   * Mixes runs: run r becomes the sum over s of {@code signs[r * order + s]} times run s, in
   * ascending order of s, beginning with run 0 itself times its sign.
   *
   * @param x order runs of length run, one after the other from at on
   * @param signs (order, order), each 1 or -1
   * @param scratch order times 32 elements
   */
  void mix(float[] x, int at, int order, int run, float[] signs, float[] scratch);
}
