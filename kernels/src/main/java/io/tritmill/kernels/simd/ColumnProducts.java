package io.tritmill.kernels.simd;

import io.tritmill.kernels.parallel.Cores;
import io.tritmill.kernels.simd.product.ColumnProductsDriver;
import java.util.Objects;

/**
 * Products between the columns of tall matrices, summed in double: c += x' y.
 *
 * <p>The sum over rows is cut into chains of {@link #CHAIN}: each is one chain of fused
 * multiply-adds in float that begins at zero, and is then added to c in double, in ascending order
 * of rows. The last chain of a call may be shorter. Nothing else decides the bits: neither tiles
 * nor register widths do.
 *
 * <p>So with u = 2^-24 the error of an element of c is at most about {@code CHAIN * u = 3.1e-5}
 * times the sum of the absolute products, however many rows there are; where rounding errors are
 * independent it is near {@code sqrt(CHAIN) * u = 1.3e-6} times that.
 *
 * <p>The sums are held in strips of {@link #STRIP} columns: strip s is a row-major array of columns
 * {@code [s * STRIP, (s + 1) * STRIP)}, fewer in the last one.
 */
public final class ColumnProducts {
  /** Rows that are summed in float before they are added in double. */
  public static final int CHAIN = 512;

  /** Columns of a strip. */
  public static final int STRIP = ColumnProductsDriver.STRIP;

  /** Multiply-adds of a part at least that another core takes. */
  private static final long LEAST = 1 << 24;

  private ColumnProducts() {}

  /** Number of strips of a matrix with so many columns. */
  public static int strips(int columns) {
    return ColumnProductsDriver.strips(columns);
  }

  /** Columns of one strip of a matrix with so many columns. */
  public static int stripColumns(int columns, int strip) {
    return ColumnProductsDriver.stripColumns(columns, strip);
  }

  /**
   * c += x' x, of which only the upper half is computed.
   *
   * @param rows rows of x
   * @param columns columns of x, rows and columns of c
   * @param x (rows, columns) from offset on, rows stride apart
   * @param c strip s holds the rows 0 to the last of its own columns; what its lower half holds
   *     afterwards, elements whose row is greater than their column, is undefined
   */
  public static void addSquare(
      int rows, int columns, float[] x, int offset, int stride, double[][] c) {
    Objects.checkFromIndexSize(0, strips(columns), c.length);
    addSquare(rows, columns, x, offset, stride, 0, strips(columns), c);
  }

  /**
   * As above, for strips {@code [first, end)} alone.
   *
   * @param c strip s is number s - first
   */
  public static void addSquare(
      int rows, int columns, float[] x, int offset, int stride, int first, int end, double[][] c) {
    checkRows(rows, columns, x, offset, stride);
    Objects.checkFromToIndex(first, end, strips(columns));
    Objects.checkFromIndexSize(0, end - first, c.length);
    for (int s = first; s < end; s++) {
      int width = stripColumns(columns, s);
      Objects.checkFromIndexSize(0, (s * STRIP + width) * width, c[s - first].length);
    }
    // Strips grow to the right, so each part has one of every few.
    int parts = parts((long) rows * columns * (end - first) * STRIP / 2, end - first);
    Cores.each(
        parts,
        part -> {
          ColumnProductsDriver driver = ColumnProductsDriver.ofThread();
          for (int r = 0; r < rows; r += CHAIN) {
            int count = Math.min(CHAIN, rows - r);
            int from = offset + r * stride;
            driver.addSquare(count, columns, x, from, stride, first, end, part, parts, c);
          }
        });
  }

  private static int parts(long work, int strips) {
    return Math.clamp(work / LEAST, 1, Math.min(strips, Cores.available()));
  }

  /**
   * c += x' y.
   *
   * @param rows rows of x and y
   * @param xColumns columns of x, rows of c
   * @param x (rows, xColumns) from xOffset on, rows xStride apart
   * @param yColumns columns of y and c
   * @param y (rows, yColumns) from yOffset on, rows yStride apart
   * @param c strip s holds xColumns rows
   */
  public static void addProduct(
      int rows,
      int xColumns,
      float[] x,
      int xOffset,
      int xStride,
      int yColumns,
      float[] y,
      int yOffset,
      int yStride,
      double[][] c) {
    checkRows(rows, xColumns, x, xOffset, xStride);
    checkRows(rows, yColumns, y, yOffset, yStride);
    Objects.checkFromIndexSize(0, strips(yColumns), c.length);
    for (int s = 0; s < strips(yColumns); s++) {
      Objects.checkFromIndexSize(
          0, Math.multiplyExact(xColumns, stripColumns(yColumns, s)), c[s].length);
    }
    int parts = parts((long) rows * xColumns * yColumns, strips(yColumns));
    Cores.each(
        parts,
        part -> {
          ColumnProductsDriver driver = ColumnProductsDriver.ofThread();
          for (int r = 0; r < rows; r += CHAIN) {
            driver.addProduct(
                Math.min(CHAIN, rows - r),
                xColumns,
                x,
                xOffset + r * xStride,
                xStride,
                yColumns,
                y,
                yOffset + r * yStride,
                yStride,
                part,
                parts,
                c);
          }
        });
  }

  private static void checkRows(int rows, int columns, float[] values, int offset, int stride) {
    if (rows < 0 || columns < 1 || stride < columns) {
      throw new IllegalArgumentException(
          "%d rows of %d, %d apart".formatted(rows, columns, stride));
    }
    int length = rows == 0 ? 0 : Math.addExact(Math.multiplyExact(rows - 1, stride), columns);
    Objects.checkFromIndexSize(offset, length, values.length);
  }
}
