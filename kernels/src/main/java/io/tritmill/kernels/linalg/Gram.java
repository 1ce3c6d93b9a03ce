package io.tritmill.kernels.linalg;

import io.tritmill.kernels.simd.ColumnProducts;
import io.tritmill.kernels.tensor.Matrix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A Gram matrix X'X of tokens, the rows of X, in double.
 *
 * <p>Only its upper half is held, in strips of {@link ColumnProducts#STRIP} columns: strip s begins
 * at row 0 and ends with the row of its own last column, so that the square on the diagonal is
 * whole. No array is larger than {@code columns * STRIP}. Strips are stored, sent and merged one by
 * one; the numbers of the largest layers never stand in one array unless they are asked for ({@link
 * #toMatrix}).
 */
public final class Gram {
  private final int columns;
  private final double[][] strips;
  private long tokens;

  /** A Gram matrix that holds its strips in the arrays given. */
  Gram(int columns, long tokens, double[][] strips) {
    this.columns = columns;
    this.tokens = tokens;
    this.strips = strips;
  }

  /**
   * A Gram matrix of strips that were taken from another one.
   *
   * @param columns values of a token
   * @param tokens number of tokens that were summed
   * @param strips all strips, in any order; their arrays are not copied
   * @throws IllegalArgumentException if strips are missing or too many
   */
  public static Gram of(int columns, long tokens, List<Strip> strips) {
    List<Strip> sorted = new ArrayList<>(strips);
    sorted.sort(Comparator.comparingInt(Strip::first));
    double[][] values = new double[ColumnProducts.strips(columns)][];
    boolean complete = sorted.size() == values.length;
    for (int s = 0; complete && s < values.length; s++) {
      Strip strip = sorted.get(s);
      int width = ColumnProducts.stripColumns(columns, s);
      complete =
          strip.first() == s * ColumnProducts.STRIP
              && strip.columns() == width
              && strip.rows() == strip.first() + width;
      values[s] = strip.values();
    }
    if (!complete) {
      throw new IllegalArgumentException(
          "These %d strips are not those of %d columns".formatted(strips.size(), columns));
    }
    return new Gram(columns, tokens, values);
  }

  /** Rows and columns of the matrix. */
  public int columns() {
    return columns;
  }

  /** Number of tokens that were summed. */
  public long tokens() {
    return tokens;
  }

  /** Number of strips. */
  public int strips() {
    return strips.length;
  }

  /** One strip; its array is not copied. */
  public Strip strip(int s) {
    int first = s * ColumnProducts.STRIP;
    int width = ColumnProducts.stripColumns(columns, s);
    return new Strip(first, width, first + width, strips[s]);
  }

  /**
   * Adds the Gram matrix of other tokens to this one, strip by strip.
   *
   * @throws IllegalArgumentException if it has another number of columns
   */
  public void add(Gram other) {
    if (other.columns != columns) {
      throw new IllegalArgumentException(
          "A Gram matrix of %d columns cannot take one of %d".formatted(columns, other.columns));
    }
    for (int s = 0; s < strips.length; s++) {
      strip(s).add(other.strip(s));
    }
    tokens += other.tokens;
  }

  /** The diagonal, the sum of squares of each column of X; zero for a column that is never used. */
  public double[] diagonal() {
    double[] diagonal = new double[columns];
    for (int j = 0; j < columns; j++) {
      int s = j / ColumnProducts.STRIP;
      int width = ColumnProducts.stripColumns(columns, s);
      diagonal[j] = strips[s][j * width + j - s * ColumnProducts.STRIP];
    }
    return diagonal;
  }

  /** Mean of the diagonal, the measure of damping. */
  public double meanDiagonal() {
    double sum = 0;
    for (double element : diagonal()) {
      sum += element;
    }
    return sum / columns;
  }

  /**
   * The first column of X in which a NaN or an infinity was met, or whose squares overflowed; -1
   * when there is none. A token of weight zero counts.
   */
  public int firstNonFiniteColumn() {
    double[] diagonal = diagonal();
    for (int j = 0; j < columns; j++) {
      if (!Double.isFinite(diagonal[j])) {
        return j;
      }
    }
    return -1;
  }

  /**
   * The whole matrix times a factor, both halves, rounded to float.
   *
   * @param factor for instance 1 / tokens
   * @return (columns, columns), symmetric; 4 columns^2 bytes
   */
  public Matrix toMatrix(double factor) {
    Matrix matrix = Matrix.zeros(columns, columns);
    for (int s = 0; s < strips.length; s++) {
      strip(s).mirrorTo(matrix, factor);
    }
    return matrix;
  }

  /** The arrays of all strips. */
  static double[][] zeros(int columns) {
    double[][] strips = new double[ColumnProducts.strips(columns)][];
    for (int s = 0; s < strips.length; s++) {
      int width = ColumnProducts.stripColumns(columns, s);
      strips[s] = new double[Math.multiplyExact(s * ColumnProducts.STRIP + width, width)];
    }
    return strips;
  }

  /** Makes the squares on the diagonal whole, from their upper halves. */
  static void mirror(int columns, double[][] strips) {
    for (int s = 0; s < strips.length; s++) {
      mirror(ColumnProducts.stripColumns(columns, s), s * ColumnProducts.STRIP, strips[s]);
    }
  }

  /** Makes the square on the diagonal of one strip whole. */
  static void mirror(int width, int first, double[] values) {
    for (int i = 0; i < width; i++) {
      for (int j = 0; j < i; j++) {
        values[(first + i) * width + j] = values[(first + j) * width + i];
      }
    }
  }
}
