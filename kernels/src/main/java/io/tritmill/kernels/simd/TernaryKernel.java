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

  /** Ints that {@link #lookUp} leaves behind. */
  int partialInts();

  /**
   * Looks up a block of rows over a run and leaves its sums in the kernel's own form.
   *
   * @param blocks holds the block from {@code block} on
   * @param partial receives {@code partialInts()} ints from {@code at} on
   */
  void lookUp(byte[] blocks, int block, int codes, byte[] tables, int[] partial, int at);

  /**
   * Adds the sums that {@link #lookUp} left for blocks of rows to what is there.
   *
   * <p>Apart from the look-up: together they are more than the compiler puts into one method.
   *
   * @param at where the first block's begin
   * @param stride ints from one block's to the next one's
   * @param blocks how many
   * @param sums {@code blocks * rows()} ints from {@code to} on
   */
  void widen(int[] partial, int at, int stride, int blocks, int[] sums, int to);

  /** Takes three times the {@code count} sums at {@code at} and adds those at {@code next}. */
  void tripleAndAdd(int[] sums, int at, int next, int count);

  /** {@code y = fma(scale, (float) sum, y)} for rows, a multiple of {@code rows()} of them. */
  void scaleAndAdd(int[] sums, int at, float[] scales, int scale, float[] y, int row, int count);
}
