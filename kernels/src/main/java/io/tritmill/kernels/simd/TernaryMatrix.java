package io.tritmill.kernels.simd;

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
 * change nothing in its bits.
 *
 * <p>Fastest where a group is 128 columns or more. Takes 1.7 to 2 bits for a trit and 32 for a
 * scale. Immutable, safe for concurrent use.
 */
public final class TernaryMatrix {
  /** Tokens and rows that are multiplied between two passes over the weights. */
  private static final int TOKENS = 8;

  private static final int BAND_ROWS = 16_384;

  /** Rows that are looked up before their sums are finished: both stay in the first cache. */
  private static final int STRIP_ROWS = 512;

  private final TernaryKernel kernel;
  private final int rows;
  private final int columns;
  private final int planes;
  private final boolean tied;

  /** Blocks of rows; the last is filled with zeros. */
  private final int blocks;

  private final TernaryRun[] runs;
  private final byte[] codes;

  /** (groups, scales of a group, rows of all blocks). */
  private final float[] scales;

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
    runs = TernaryRun.plan(kernel, columns, width, Math.multiplyExact(blocks, planes));
    codes = new byte[runs[runs.length - 1].end(blocks * planes)];
    scales =
        new float
            [Math.multiplyExact(
                scalesOfGroup(),
                Math.multiplyExact(runs[runs.length - 1].group() + 1, paddedRows()))];
    for (int block = 0; block < blocks; block++) {
      encode(source, block);
    }
    readScales(source);
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

  private int paddedRows() {
    return blocks * kernel.rows();
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
      for (TernaryRun run : runs) {
        int length = run.codes() * kernel.tritsPerCode();
        byte[] trits = new byte[height * length];
        for (int r = 0; r < count; r++) {
          System.arraycopy(band, r * columns + run.column(), trits, r * length, run.columns());
        }
        int at = run.offset() + (block * planes + plane) * run.blockBytes();
        kernel.encode(trits, run.codes(), codes, at);
      }
    }
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

  private void readScales(TernarySource source) {
    int padded = paddedRows();
    float[] ofRow = new float[rows == 0 ? 0 : scales.length / padded];
    for (int row = 0; row < rows; row++) {
      source.scales(row, ofRow);
      for (int i = 0; i < ofRow.length; i++) {
        scales[i * padded + row] = ofRow[i];
      }
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
    return codes.length + 4L * scales.length;
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
    int bandBlocks = BAND_ROWS / kernel.rows();
    for (int token = 0; token < x.rows(); token += TOKENS) {
      int tokens = Math.min(TOKENS, x.rows() - token);
      for (int block = 0; block < blocks; block += bandBlocks) {
        new Band(x, token, tokens, block, Math.min(bandBlocks, blocks - block)).multiply(y);
      }
    }
  }

  /** The product of a few tokens and neighbouring blocks of rows. */
  private final class Band {
    private final ByteRows x;
    private final int firstToken;
    private final int tokens;
    private final int firstBlock;
    private final int height;
    private final byte[] activations = new byte[kernel.longestRun() * kernel.tritsPerCode()];
    private final byte[] tables = new byte[kernel.longestRun() * kernel.tableBytes()];

    private final int[] partial =
        new int[STRIP_ROWS / kernel.rows() * planes * kernel.partialInts()];

    /** (tokens, planes, height). */
    private final int[] sums;

    /** (tokens, height). */
    private final float[] products;

    Band(ByteRows x, int firstToken, int tokens, int firstBlock, int blocks) {
      this.x = x;
      this.firstToken = firstToken;
      this.tokens = tokens;
      this.firstBlock = firstBlock;
      height = blocks * kernel.rows();
      sums = new int[tokens * planes * height];
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

    /** Adds a run to the sums of a token, a strip of blocks at a time. */
    private void add(TernaryRun run, int token) {
      int step = kernel.rows();
      int most = STRIP_ROWS / step * step;
      for (int row = 0; row < height; row += most) {
        int count = Math.min(most, height - row);
        lookUp(run, firstBlock + row / step, count / step * planes);
        for (int plane = 0; plane < planes; plane++) {
          int size = kernel.partialInts();
          int to = (token * planes + plane) * height + row;
          if (run.first()) {
            Arrays.fill(sums, to, to + count, 0);
          }
          kernel.widen(partial, plane * size, planes * size, count / step, sums, to);
        }
        if (run.last()) {
          scaleAndAdd(run.group(), token, row, count);
        }
      }
    }

    private void lookUp(TernaryRun run, int firstOfStrip, int count) {
      int block = run.offset() + firstOfStrip * planes * run.blockBytes();
      int size = kernel.partialInts();
      for (int i = 0; i < count; i++) {
        kernel.lookUp(codes, block, run.codes(), tables, partial, i * size);
        block += run.blockBytes();
      }
    }

    private void scaleAndAdd(int group, int token, int row, int count) {
      int at = token * planes * height + row;
      int scale = group * scalesOfGroup() * paddedRows() + firstBlock * kernel.rows() + row;
      int to = token * height + row;
      if (tied) {
        for (int plane = 1; plane < planes; plane++) {
          kernel.tripleAndAdd(sums, at, at + plane * height, count);
        }
      }
      for (int plane = 0; plane < scalesOfGroup(); plane++) {
        kernel.scaleAndAdd(sums, at, scales, scale, products, to, count);
        at += height;
        scale += paddedRows();
      }
    }
  }
}
