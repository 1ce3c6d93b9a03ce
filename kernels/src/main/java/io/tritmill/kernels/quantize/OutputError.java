package io.tritmill.kernels.quantize;

import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.io.Serializable;
import java.util.Arrays;

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
    double[][] ofRows = quadratics(original, decoded, gram);
    return new OutputError(
        Arrays.stream(ofRows[0]).reduce(0, Double::sum),
        Arrays.stream(ofRows[1]).reduce(0, Double::sum));
  }

  /** The error of each row: mean over tokens of ((w - w') x)^2. */
  static double[] ofRows(WeightRows original, WeightRows decoded, Matrix gram) {
    return quadratics(original, decoded, gram)[0];
  }

  /** e H e' and w H w' of each row. */
  private static double[][] quadratics(WeightRows original, WeightRows decoded, Matrix gram) {
    int k = original.columns();
    float[] w = new float[ROWS * k];
    float[] e = new float[ROWS * k];
    float[] product = new float[ROWS * k];
    double[][] ofRows = new double[2][original.rows()];
    for (int row = 0; row < original.rows(); row += ROWS) {
      int rows = Math.min(ROWS, original.rows() - row);
      original.decode(row, rows, w, 0);
      decoded.decode(row, rows, e, 0);
      for (int i = 0; i < rows * k; i++) {
        e[i] = w[i] - e[i];
      }
      quadratics(rows, k, e, gram, product, ofRows[0], row);
      quadratics(rows, k, w, gram, product, ofRows[1], row);
    }
    return ofRows;
  }

  /** Writes x H x' of every row x. */
  private static void quadratics(
      int rows, int k, float[] x, Matrix gram, float[] product, double[] into, int at) {
    Gemm.multiply(rows, k, k, x, 0, k, gram.values(), 0, k, product, 0, k);
    for (int row = 0; row < rows; row++) {
      double of = 0;
      for (int i = row * k; i < (row + 1) * k; i++) {
        of += (double) x[i] * product[i];
      }
      into[at + row] = of;
    }
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
