package io.tritmill.kernels.simd.product;

import io.tritmill.kernels.parallel.Cores;

/**
 * Cuts the result of a product into parts that idle cores compute.
 *
 * <p>An element is one chain over k whatever part it is in, so the cut changes no bit. Parts are
 * runs of rows or of columns, whichever there are more of, since every part packs the whole other
 * operand.
 */
public final class ProductParts {
  /** Multiply-adds of a part at least: a tenth of a millisecond, some times what a thread takes. */
  private static final long LEAST = 1 << 23;

  /** The same of a part of a single row, which waits for memory or for what decodes. */
  private static final long LEAST_OF_ROW = 1 << 21;

  /** Cuts fall on multiples of this, so that few tiles reach over an edge. */
  private static final int ALIGNED = 32;

  private ProductParts() {}

  /** A part: rows {@code [row, row + rows)} of columns {@code [column, column + columns)}. */
  public interface Part {
    void run(int row, int rows, int column, int columns);
  }

  /** Computes (m, n) elements of chains of length k. */
  public static void run(int m, int n, int k, Part part) {
    int parts = count((long) m * n * k / LEAST, Math.max(m, n));
    if (parts == 1) {
      part.run(0, m, 0, n);
    } else if (m >= n) {
      Cores.each(parts, p -> part.run(cut(m, parts, p), length(m, parts, p), 0, n));
    } else {
      Cores.each(parts, p -> part.run(0, m, cut(n, parts, p), length(n, parts, p)));
    }
  }

  /** As {@link #run}, always cut into columns: those of the right operand are costly to make. */
  public static void runColumns(int m, int n, int k, Part part) {
    runColumns(m, n, (long) m * n * k / LEAST, part);
  }

  /** As {@link #runColumns} for one row. */
  public static void runRow(int n, int k, Part part) {
    runColumns(1, n, (long) n * k / LEAST_OF_ROW, part);
  }

  private static void runColumns(int m, int n, long worth, Part part) {
    int parts = count(worth, n);
    if (parts == 1) {
      part.run(0, m, 0, n);
    } else {
      Cores.each(parts, p -> part.run(0, m, cut(n, parts, p), length(n, parts, p)));
    }
  }

  /**
   * Computes what lies on and above the diagonal of (n, n) elements: each part is given its rows,
   * and the column that its diagonal begins at, which is its first row.
   */
  public static void runUpperHalf(int n, int k, Part part) {
    int parts = count((long) n * n / 2 * k / LEAST, n);
    if (parts == 1) {
      part.run(0, n, 0, n);
      return;
    }
    Cores.each(
        parts,
        p -> {
          int first = upperCut(n, parts, p);
          part.run(first, upperCut(n, parts, p + 1) - first, first, n - first);
        });
  }

  private static int count(long worth, int longest) {
    long most = Math.min(worth, longest / ALIGNED);
    return most < 2 ? 1 : (int) Math.min(most, Cores.available());
  }

  private static int cut(int length, int parts, int p) {
    return p == parts ? length : (int) ((long) length * p / parts) / ALIGNED * ALIGNED;
  }

  private static int length(int length, int parts, int p) {
    return cut(length, parts, p + 1) - cut(length, parts, p);
  }

  /** Rows above which lies p parts' share of the upper half. */
  private static int upperCut(int n, int parts, int p) {
    double left = Math.sqrt(1 - (double) p / parts);
    return p == parts ? n : (int) (n * (1 - left)) / ALIGNED * ALIGNED;
  }
}
