package io.tritmill.kernels.linalg;

import io.tritmill.kernels.simd.WalshHadamard;
import java.util.Objects;

/**
 * A random rotation that costs a few additions for each element: Q = H D / sqrt(block), with D a
 * diagonal of random signs and H a Hadamard matrix, or several of them along the diagonal.
 *
 * <pre>
 *   Q'Q = I            so (W Q')(Q x) = W x: rotate the rows of a weight and the inputs alike
 *   each |Q_ij| is 1 / sqrt(block): what one column held is spread over the columns of its block,
 *   so that neither weights nor activations keep outliers
 * </pre>
 *
 * <p>H is known for orders 2^k and 2^k times 12, 20 and 28, as the Kronecker product of Paley's
 * matrix and the power of two: so for 3, 5 and 7 times a power of two from 4 on. {@link #of} cuts
 * any other width into the largest such blocks that tile it: 11008 is 43 blocks of 256, 5632 is 11
 * of 512, 768 is one of 12 x 64; an odd width is left with its signs alone. Smaller blocks spread
 * less and cost less ({@link #ofBlocks}).
 *
 * <p>The sign of a column is a hash of the seed and the column's number, and all arithmetic is in a
 * fixed order, so a rotation has the same bits anywhere. Immutable and safe for concurrent use.
 */
public final class Hadamard {
  private static final int[] ORDERS = {28, 20, 12};

  /** Columns that become rows for a moment. */
  private static final int COLUMNS_AT_ONCE = 16;

  private final int width;
  private final int block;
  private final long seed;
  private final int order;
  private final int log;
  private final float[] factors; // (width): signs over the root of the block
  private final float[] mixing; // (order, order), or nothing
  private final float[] unmixing; // its transpose

  private Hadamard(int width, int block, long seed) {
    this.width = width;
    this.block = block;
    this.seed = seed;
    order = order(block);
    log = Integer.numberOfTrailingZeros(block / order);
    mixing = order == 1 ? new float[0] : Paley.matrix(order);
    unmixing = transpose(order, mixing);
    factors = new float[width];
    float scale = (float) (1 / Math.sqrt(block));
    for (int j = 0; j < width; j++) {
      factors[j] = sign(seed, j) * scale;
    }
  }

  /**
   * The rotation of a width that mixes as many columns as possible.
   *
   * @param width number of columns, at least 1
   * @param seed decides the signs
   */
  public static Hadamard of(int width, long seed) {
    return new Hadamard(width, largestBlock(width), seed);
  }

  /**
   * A rotation within blocks of columns.
   *
   * @param block 2^k, or 2^k times 12, 20 or 28; divides the width
   * @throws IllegalArgumentException if it is neither or does not
   */
  public static Hadamard ofBlocks(int width, int block, long seed) {
    if (width < 1 || block < 1 || width % block != 0 || order(block) == 0) {
      throw new IllegalArgumentException(
          "No Hadamard rotation of %d columns in blocks of %d".formatted(width, block));
    }
    return new Hadamard(width, block, seed);
  }

  /** The largest order of a known Hadamard matrix that divides a width. */
  public static int largestBlock(int width) {
    if (width < 1) {
      throw new IllegalArgumentException("A rotation of " + width + " columns");
    }
    int power = Integer.lowestOneBit(width);
    int largest = power;
    for (int candidate : ORDERS) {
      if (width % candidate == 0) {
        // What is left of the power of two after 12, 20 or 28 has taken its 4.
        largest = Math.max(largest, power / 4 * candidate);
      }
    }
    return largest;
  }

  /** Number of columns. */
  public int width() {
    return width;
  }

  /** Columns that are mixed with each other. */
  public int block() {
    return block;
  }

  /** What decides the signs. */
  public long seed() {
    return seed;
  }

  /**
   * Replaces rows x by x Q', that is, each row, as a column, by Q times it.
   *
   * @param rows number of rows
   * @param x (rows, width) from offset on, rows stride apart
   */
  public void apply(int rows, float[] x, int offset, int stride) {
    check(rows, x, offset, stride);
    float[] scratch = new float[WalshHadamard.scratch(order)];
    for (int row = 0; row < rows; row++) {
      applyToRow(x, offset + row * stride, scratch);
    }
  }

  /** Replaces rows x by x Q: what {@link #apply} did is undone, within rounding. */
  public void invert(int rows, float[] x, int offset, int stride) {
    check(rows, x, offset, stride);
    float[] scratch = new float[WalshHadamard.scratch(order)];
    for (int row = 0; row < rows; row++) {
      invertRow(x, offset + row * stride, scratch);
    }
  }

  /**
   * Replaces x by Q x: rotates the outputs of a weight.
   *
   * @param columns number of columns
   * @param x (width, columns) from offset on, rows stride apart
   */
  public void applyToColumns(int columns, float[] x, int offset, int stride) {
    if (columns < 0 || stride < columns) {
      throw new IllegalArgumentException(
          "%d rows of %d, %d apart".formatted(width, columns, stride));
    }
    int length = Math.addExact(Math.multiplyExact(width - 1, stride), columns);
    Objects.checkFromIndexSize(offset, length, x.length);
    float[] rows = new float[Math.multiplyExact(COLUMNS_AT_ONCE, width)];
    for (int first = 0; first < columns; first += COLUMNS_AT_ONCE) {
      int count = Math.min(COLUMNS_AT_ONCE, columns - first);
      for (int i = 0; i < width; i++) {
        for (int j = 0; j < count; j++) {
          rows[j * width + i] = x[offset + i * stride + first + j];
        }
      }
      apply(count, rows, 0, width);
      for (int i = 0; i < width; i++) {
        for (int j = 0; j < count; j++) {
          x[offset + i * stride + first + j] = rows[j * width + i];
        }
      }
    }
  }

  private void applyToRow(float[] x, int at, float[] scratch) {
    WalshHadamard.scale(x, at, factors);
    for (int first = at; block > 1 && first < at + width; first += block) {
      for (int run = 0; run < order; run++) {
        WalshHadamard.transform(x, first + (run << log), log);
      }
      if (order > 1) {
        WalshHadamard.mix(x, first, order, 1 << log, mixing, scratch);
      }
    }
  }

  private void invertRow(float[] x, int at, float[] scratch) {
    for (int first = at; block > 1 && first < at + width; first += block) {
      if (order > 1) {
        WalshHadamard.mix(x, first, order, 1 << log, unmixing, scratch);
      }
      for (int run = 0; run < order; run++) {
        WalshHadamard.transform(x, first + (run << log), log);
      }
    }
    WalshHadamard.scale(x, at, factors);
  }

  private void check(int rows, float[] x, int offset, int stride) {
    if (rows < 0 || stride < width) {
      throw new IllegalArgumentException("%d rows of %d, %d apart".formatted(rows, width, stride));
    }
    int length = rows == 0 ? 0 : Math.addExact(Math.multiplyExact(rows - 1, stride), width);
    Objects.checkFromIndexSize(offset, length, x.length);
  }

  /** 1, 12, 20 or 28 for that times a power of two, else 0. */
  private static int order(int block) {
    if (Integer.bitCount(block) == 1) {
      return 1;
    }
    for (int candidate : ORDERS) {
      if (block % candidate == 0 && Integer.bitCount(block / candidate) == 1) {
        return candidate;
      }
    }
    return 0;
  }

  /**
   * The top bit of number {@code column + 1} of the generator SplitMix64 that begins with the seed.
   */
  private static int sign(long seed, int column) {
    long z = seed + (column + 1) * 0x9e3779b97f4a7c15L;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return (z ^ z >>> 31) < 0 ? -1 : 1;
  }

  private static float[] transpose(int n, float[] a) {
    float[] transposed = new float[a.length];
    for (int i = 0; i < a.length; i++) {
      transposed[i % n * n + i / n] = a[i];
    }
    return transposed;
  }
}
