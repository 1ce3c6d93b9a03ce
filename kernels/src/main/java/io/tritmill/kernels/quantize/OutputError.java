package io.tritmill.kernels.quantize;

import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.io.Serializable;

/**
 * How far the outputs of decoded weights lie from those of the original ones: tr(E H E') and tr(W H
 * W') with E = W - W', a token's mean.
 *
 * <p>Rows are summed one by one in double, products in float.
 *
 * @param squaredError mean over tokens of ||(W - W') x||^2
 * @param squaredOutput mean over tokens of ||W x||^2
 */
public record OutputError(double squaredError, double squaredOutput) implements Serializable {
  /** No rows yet. */
  public static final OutputError NONE = new OutputError(0, 0);

  private static final int ROWS = 256;

  /**
   * The error of a matrix, or band, that stands for another of the same shape.
   *
   * @param gram H, (columns, columns)
   */
  public static OutputError of(WeightRows original, WeightRows decoded, Matrix gram) {
    int k = original.columns();
    if (decoded.rows() != original.rows() || decoded.columns() != k || gram.rows() != k) {
      throw new IllegalArgumentException(
          "Expected %d x %d weights, found %d x %d, and a Gram matrix of %d"
              .formatted(original.rows(), k, decoded.rows(), decoded.columns(), gram.rows()));
    }
    float[] w = new float[ROWS * k];
    float[] e = new float[ROWS * k];
    float[] product = new float[ROWS * k];
    double[] sums = new double[2];
    for (int row = 0; row < original.rows(); row += ROWS) {
      int rows = Math.min(ROWS, original.rows() - row);
      original.decode(row, rows, w, 0);
      decoded.decode(row, rows, e, 0);
      for (int i = 0; i < rows * k; i++) {
        e[i] = w[i] - e[i];
      }
      sums[0] = addQuadratic(rows, k, e, gram, product, sums[0]);
      sums[1] = addQuadratic(rows, k, w, gram, product, sums[1]);
    }
    return new OutputError(sums[0], sums[1]);
  }

  /** Adds x H x' of every row x, row by row. */
  private static double addQuadratic(
      int rows, int k, float[] x, Matrix gram, float[] product, double sum) {
    Gemm.multiply(rows, k, k, x, 0, k, gram.values(), 0, k, product, 0, k);
    for (int row = 0; row < rows; row++) {
      double of = 0;
      for (int i = row * k; i < (row + 1) * k; i++) {
        of += (double) x[i] * product[i];
      }
      sum += of;
    }
    return sum;
  }

  /** The error of both together. */
  public OutputError plus(OutputError other) {
    return new OutputError(squaredError + other.squaredError, squaredOutput + other.squaredOutput);
  }

  /** Root of the error over the output; 0 when there is no error. */
  public double relative() {
    return squaredError == 0 ? 0 : Math.sqrt(squaredError / squaredOutput);
  }
}
