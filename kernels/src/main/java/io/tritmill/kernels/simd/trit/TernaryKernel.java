package io.tritmill.kernels.simd.trit;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Sums of trits times int8 activations for a block of rows, exact.
 *
 * <p>The trits of a run of columns, five or four of them to a code byte, lie as [code][row of the
 * block]; {@link ScalarTernary} defines the sums. Activations become tables once for a run, and all
 * blocks of rows look their codes up in them.
 */
public interface TernaryKernel {
  /** How a scale lies behind the codes. */
  ValueLayout.OfFloat SCALE = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Blocks that are looked up together, so that each table is read once for all of them. */
  int blocksAtOnce();

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

  /** Ints that {@link #lookUp} leaves behind for a block. */
  int partialInts();

  /**
   * Looks up {@link #blocksAtOnce} blocks of rows over a run and leaves their sums in the kernel's
   * own form.
   *
   * @param blocks holds the blocks, in native memory
   * @param starts the first byte of each block; the same block may be given twice
   * @param partial receives {@code partialInts()} ints for block i from {@code at + i * apart} on
   */
  void lookUp(
      MemorySegment blocks,
      long[] starts,
      int codes,
      byte[] tables,
      int[] partial,
      int at,
      int apart);

  /**
   * Writes the sums that {@link #lookUp} left for a block of rows.
   *
   * <p>Apart from the look-up: together they are more than the compiler puts into one method.
   *
   * @param sums receives {@code rows()} ints from {@code to} on
   */
  void widen(int[] partial, int at, int[] sums, int to);

  /** Adds the {@code count} sums at {@code next} to those at {@code at}. */
  void add(int[] sums, int at, int next, int count);

  /** Takes three times the {@code count} sums at {@code at} and adds those at {@code next}. */
  void tripleAndAdd(int[] sums, int at, int next, int count);

  /**
   * {@code y = fma(scale, (float) sum, y)} for the rows of a block.
   *
   * @param scales holds a float for each row from byte {@code scale} on, little endian
   */
  void scaleAndAdd(int[] sums, int at, MemorySegment scales, long scale, float[] y, int row);
}
