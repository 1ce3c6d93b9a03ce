package io.tritmill.kernels.simd;

import io.tritmill.kernels.parallel.Cores;
import io.tritmill.kernels.simd.trit.TernaryChoice;
import io.tritmill.kernels.simd.trit.TernaryKernel;
import io.tritmill.kernels.simd.trit.TernaryRun;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;

/**
 * A matrix of trit-planes made ready for products with int8 activations on this machine.
 *
 * <p>Products are exact in integers and defined in floats. With s(r, g, p) the sum of trit times
 * activation over the columns of group g in plane p of row r, y begins at 0 and each group in
 * ascending order adds
 *
 * <ul>
 *   <li>free planes: y = fma(scale(r, g, p), (float) s(r, g, p), y) for each plane in order;
 *   <li>tied planes: y = fma(scale(r, g), (float) sum, y), the sum 3 s(r, g, 0) + s(r, g, 1) for
 *       two planes and 9, 3, 1 for three.
 * </ul>
 *
 * The result is y times the scale of the activations. Registers, layouts and the number of tokens
 * change nothing in its bits. A large product takes the cores that {@link Cores} has for it.
 *
 * <p>Fastest where a group is 128 columns or more. Takes 1.7 to 2 bits for a trit and 32 for a
 * scale. Immutable, safe for concurrent use.
 */
public final class TernaryMatrix {
  /** Tokens and rows that are multiplied between two passes over the weights. */
  private static final int TOKENS = 8;

  private static final int BAND_ROWS = 16_384;

  /** Blocks of each part that are looked up before their sums are finished. */
  private static final int STEP = 2;

  private static final int CACHE_LINE = 64;

  /** Trits that are multiplied by one core at least, for another one to be worth it. */
  private static final long LEAST = 1 << 21;

  private final TernaryKernel kernel;
  private final int rows;
  private final int columns;
  private final int planes;
  private final boolean tied;

  /** Blocks of rows; the last is filled with zeros. */
  private final int blocks;

  private final TernaryRun[] runs;

  /** Codes and scales, outside the heap, where a block can begin at a cache line. */
  private final MemorySegment weights;

  TernaryMatrix(TernaryKernel kernel, TernarySource source) {
    this.kernel = kernel;
    rows = source.rows();
    columns = source.columns();
    planes = source.planes();
    tied = source.tied();
    int width = source.groupColumns();
    if (rows < 0 || columns < 1 || planes < 1 || width < 1 || width > columns) {
      throw new IllegalArgumentException(
          "A matrix of %d x %d in %d planes has no groups of %d columns"
              .formatted(rows, columns, planes, width));
    }
    requireIntSums(width);
    blocks = Math.ceilDiv(rows, kernel.rows());
    runs = TernaryRun.plan(kernel, columns, width, blocks, planes, scalesOfGroup());
    weights = Arena.ofAuto().allocate(runs[runs.length - 1].end(blocks), CACHE_LINE);
    for (int block = 0; block < blocks; block++) {
      encode(source, block);
    }
  }

  /**
   * Reads and rearranges all planes.
   *
   * @throws IllegalArgumentException if the shape is impossible, a trit is none, or the columns of
   *     a group are so many that an int cannot hold their sum
   * @throws ArithmeticException if the matrix needs more than 2 GiB
   */
  public static TernaryMatrix of(TernarySource source) {
    return new TernaryMatrix(TernaryChoice.KERNEL, source);
  }

  private void requireIntSums(int width) {
    double largest = 127.0 * width * (tied ? (Math.pow(3, planes) - 1) / 2 : 1);
    if (largest > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "Sums over groups of %d columns in %d planes do not fit in an int"
              .formatted(width, planes));
    }
  }

  private int scalesOfGroup() {
    return tied ? 1 : planes;
  }

  private void encode(TernarySource source, int block) {
    int height = kernel.rows();
    int firstRow = block * height;
    int count = Math.min(height, rows - firstRow);
    byte[] row = new byte[columns];
    byte[] band = new byte[height * columns];
    for (int plane = 0; plane < planes; plane++) {
      for (int r = 0; r < count; r++) {
        source.trits(plane, firstRow + r, row);
        requireTrits(row, firstRow + r);
        System.arraycopy(row, 0, band, r * columns, columns);
      }
      encode(band, count, block, plane);
    }
    float[] scales = new float[scalesOfGroup() * (runs[runs.length - 1].group() + 1)];
    for (int r = 0; r < count; r++) {
      source.scales(firstRow + r, scales);
      putScales(scales, block, r);
    }
  }

  private void encode(byte[] band, int count, int block, int plane) {
    byte[] encoded = new byte[kernel.blockBytes(kernel.longestRun())];
    for (TernaryRun run : runs) {
      int length = run.codes() * kernel.tritsPerCode();
      byte[] trits = new byte[kernel.rows() * length];
      for (int r = 0; r < count; r++) {
        System.arraycopy(band, r * columns + run.column(), trits, r * length, run.columns());
      }
      kernel.encode(trits, run.codes(), encoded, 0);
      long at = run.block(block) + (long) plane * run.planeBytes();
      MemorySegment.copy(encoded, 0, weights, ValueLayout.JAVA_BYTE, at, run.planeBytes());
    }
  }

  private void putScales(float[] scales, int block, int row) {
    for (TernaryRun run : runs) {
      for (int i = 0; run.last() && i < scalesOfGroup(); i++) {
        weights.set(
            TernaryKernel.SCALE,
            scales(run, block, i) + 4L * row,
            scales[run.group() * scalesOfGroup() + i]);
      }
    }
  }

  /** Where the scales of the rows of a block begin. */
  private long scales(TernaryRun run, int block, int number) {
    return run.block(block)
        + (long) planes * run.planeBytes()
        + (long) Float.BYTES * number * kernel.rows();
  }

  private static void requireTrits(byte[] trits, int row) {
    int wrong = 0;
    for (byte trit : trits) {
      wrong |= trit + 1 & ~3 | trit + 1 & trit + 1 >> 1 & 1;
    }
    if (wrong != 0) {
      throw new IllegalArgumentException("Row %d has a trit that is not -1, 0 or 1".formatted(row));
    }
  }

  /** Number of rows. */
  public int rows() {
    return rows;
  }

  /** Number of columns. */
  public int columns() {
    return columns;
  }

  /** Bytes that a product reads: trits as rearranged, and scales. */
  public long bytes() {
    return weights.byteSize();
  }

  /**
   * y = x w', a linear layer.
   *
   * @param x (tokens, columns)
   * @param y (tokens, rows); overwritten
   */
  public void multiply(ByteRows x, float[] y) {
    if (x.columns() != columns) {
      throw new IllegalArgumentException(
          "Activations have %d columns, the matrix %d".formatted(x.columns(), columns));
    }
    Objects.checkFromIndexSize(0, Math.multiplyExact(x.rows(), rows), y.length);
    int parts = parts((long) x.rows() * columns * planes * rows);
    if (parts == 1) {
      multiply(x, 0, blocks, y);
    } else {
      Cores.each(
          parts,
          part -> {
            int first = (int) ((long) blocks * part / parts);
            multiply(x, first, (int) ((long) blocks * (part + 1) / parts), y);
          });
    }
  }

  /** Into how many runs of blocks the rows are cut: no bit depends on it. */
  private int parts(long work) {
    long most = Math.min(work / LEAST, blocks);
    return most < 2 ? 1 : (int) Math.min(most, Cores.available());
  }

  private void multiply(ByteRows x, int firstBlock, int end, float[] y) {
    int bandBlocks = BAND_ROWS / kernel.rows();
    for (int token = 0; token < x.rows(); token += TOKENS) {
      int tokens = Math.min(TOKENS, x.rows() - token);
      for (int block = firstBlock; block < end; block += bandBlocks) {
        new Band(x, token, tokens, block, Math.min(bandBlocks, end - block)).multiply(y);
      }
    }
  }

  /** The product of a few tokens and neighbouring blocks of rows. */
  private final class Band {
    private final ByteRows x;
    private final int firstToken;
    private final int tokens;
    private final int firstBlock;
    private final int blocks;
    private final int height;
    private final byte[] activations = new byte[kernel.longestRun() * kernel.tritsPerCode()];
    private final byte[] tables = new byte[kernel.longestRun() * kernel.tableBytes()];

    /** (blocks at once, blocks of a step, planes, ints of a block). */
    private final int[] partial =
        new int[kernel.blocksAtOnce() * STEP * planes * kernel.partialInts()];

    private final long[] starts = new long[kernel.blocksAtOnce()];

    /** (1 + tokens * blocks, planes, rows of a block); the first for a block at hand. */
    private final int[] sums;

    /** (tokens, blocks, rows of a block). */
    private final float[] products;

    Band(ByteRows x, int firstToken, int tokens, int firstBlock, int blocks) {
      this.x = x;
      this.firstToken = firstToken;
      this.tokens = tokens;
      this.firstBlock = firstBlock;
      this.blocks = blocks;
      height = blocks * kernel.rows();
      sums = new int[planes * (kernel.rows() + tokens * height)];
      products = new float[tokens * height];
    }

    void multiply(float[] y) {
      for (TernaryRun run : runs) {
        for (int token = 0; token < tokens; token++) {
          tabulate(run, token);
          add(run, token);
        }
      }
      int firstRow = firstBlock * kernel.rows();
      int count = Math.min(height, rows - firstRow);
      for (int token = 0; token < tokens; token++) {
        float scale = x.scale(firstToken + token);
        int to = (firstToken + token) * rows + firstRow;
        for (int row = 0; row < count; row++) {
          y[to + row] = products[token * height + row] * scale;
        }
      }
    }

    private void tabulate(TernaryRun run, int token) {
      x.copy(firstToken + token, run.column(), run.columns(), activations);
      int filled = run.codes() * kernel.tritsPerCode();
      Arrays.fill(activations, run.columns(), filled, (byte) 0);
      kernel.tabulate(activations, 0, run.codes(), tables);
    }

    /**
     * Adds a run to the sums of a token.
     *
     * <p>The blocks looked up together lie far apart: the processor follows several places in
     * memory and fetches ahead of each of them.
     */
    private void add(TernaryRun run, int token) {
      int parts = kernel.blocksAtOnce();
      int apart = blocks / parts;
      for (int block = 0; block < apart; block += STEP) {
        add(run, token, block, apart, Math.min(STEP, apart - block), parts);
      }
      int done = apart * parts;
      if (done < blocks) {
        add(run, token, done, 1, 1, blocks - done);
      }
    }

    /** Adds the same few blocks of several parts of the band. */
    private void add(TernaryRun run, int token, int block, int apart, int count, int parts) {
      int size = kernel.partialInts();
      int step = count * planes * size;
      for (int i = 0; i < count * planes; i++) {
        long within = (long) (i % planes) * run.planeBytes();
        for (int part = 0; part < starts.length; part++) {
          int first = firstBlock + block + Math.min(part, parts - 1) * apart;
          starts[part] = run.block(first + i / planes) + within;
        }
        kernel.lookUp(weights, starts, run.codes(), tables, partial, i * size, step);
      }
      for (int part = 0; part < parts; part++) {
        for (int i = 0; i < count; i++) {
          int from = part * step + i * planes * size;
          finish(run, token, block + part * apart + i, from);
        }
      }
    }

    /** Takes the partial sums of a block. */
    private void finish(TernaryRun run, int token, int block, int from) {
      int count = planes * kernel.rows();
      // Sums that no other run adds to are always at the same place, and so in the first cache.
      int at = run.first() && run.last() ? 0 : count * (1 + token * blocks + block);
      widen(from, run.first() ? at : 0);
      if (!run.first()) {
        kernel.add(sums, at, 0, count);
      }
      if (run.last()) {
        scaleAndAdd(run, token, block, at);
      }
    }

    private void widen(int from, int to) {
      for (int plane = 0; plane < planes; plane++) {
        kernel.widen(
            partial, from + plane * kernel.partialInts(), sums, to + plane * kernel.rows());
      }
    }

    private void scaleAndAdd(TernaryRun run, int token, int block, int at) {
      int height = kernel.rows();
      if (tied) {
        for (int plane = 1; plane < planes; plane++) {
          kernel.tripleAndAdd(sums, at, at + plane * height, height);
        }
      }
      int row = (token * blocks + block) * height;
      for (int i = 0; i < scalesOfGroup(); i++) {
        long scale = scales(run, firstBlock + block, i);
        kernel.scaleAndAdd(sums, at + i * height, weights, scale, products, row);
      }
    }
  }
}
