package io.tritmill.kernels.simd;

/**
 * Sums of trits times int8 activations for a block of rows, exact.
 *
 * <p>The trits of a run of columns, five or four of them to a code byte, lie as [code][row of the
 * block]; {@link ScalarTernary} defines the sums. Activations become tables once for a run, and all
 * blocks of rows look their codes up in them.
 */
interface TernaryKernel {
  /** Rows of a block. */
  int rows();

  /** Trits in a code. */
  int tritsPerCode();

  /** The most codes in a run. */
  int longestRun();

  /** Bytes of a block of rows over a run of so many codes. */
  int blockBytes(int codes);

  /** Bytes of the tables of a code. */
  int tableBytes();

  /**
   * Writes a block of rows over a run.
   *
   * @param trits (rows, tritsPerCode * codes), each -1, 0 or 1
   * @param into receives {@code blockBytes(codes)} bytes from {@code at} on
   */
  void encode(byte[] trits, int codes, byte[] into, int at);

  /**
   * Writes the tables of a run.
   *
   * @param activations (tritsPerCode * codes) from {@code from} on, each -127 to 127
   * @param tables receives {@code codes * tableBytes()} bytes
   */
  void tabulate(byte[] activations, int from, int codes, byte[] tables);

  /**
   * Writes the sums of a block of rows over a run, or adds them to what is there.
   *
   * @param first whether to overwrite
   */
  void sum(byte[] blocks, int block, int codes, byte[] tables, int[] sums, int at, boolean first);

  /** Takes three times the sums of a block of rows at {@code at} and adds those at {@code next}. */
  void tripleAndAdd(int[] sums, int at, int next);

  /** {@code y = fma(scale, (float) sum, y)} for a block of rows. */
  void scaleAndAdd(int[] sums, int at, float[] scales, int scale, float[] y, int row);
}
