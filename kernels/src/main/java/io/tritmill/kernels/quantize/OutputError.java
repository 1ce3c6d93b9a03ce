package io.tritmill.kernels.quantize;

import io.tritmill.kernels.linalg.Gram;
import io.tritmill.kernels.linalg.GramAccumulator;
import io.tritmill.kernels.linalg.Strip;
import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * How far the outputs of decoded weights lie from those of the original ones: tr(E H E') and tr(W H
 * W') with E = W - W', a token's mean.
 *
 * @param squaredError mean over tokens of ||(W - W') x||^2
 * @param squaredOutput mean over tokens of ||W x||^2
 */
public record OutputError(double squaredError, double squaredOutput) implements Serializable {
  /** No rows yet. */
  public static final OutputError NONE = new OutputError(0, 0);

  private static final int ROWS = 256;

  /**
   * The errors of a matrix, or band, that stands for another of the same shape, on several sets of
   * tokens.
   *
   * <p>tr(E H E') = tr(E'E H): E'E is summed once for all of them, and only its upper half, a
   * quarter of the work that two products E H are. Memory: 4 columns^2 bytes.
   *
   * @param grams H of each set, (columns, columns)
   */
  static List<OutputError> of(WeightRows original, WeightRows decoded, List<Matrix> grams) {
    grams.forEach(gram -> check(original, decoded, gram));
    double[] errors = traces(products(original, decoded), grams);
    double[] outputs = traces(products(original, null), grams);
    List<OutputError> all = new ArrayList<>();
    for (int i = 0; i < errors.length; i++) {
      // Where nothing is lost, rounding may leave less than nothing.
      all.add(new OutputError(Math.max(0, errors[i]), Math.max(0, outputs[i])));
    }
    return all;
  }

  private static void check(WeightRows original, WeightRows decoded, Matrix gram) {
    int k = original.columns();
    if (decoded.rows() != original.rows() || decoded.columns() != k || gram.rows() != k) {
      throw new IllegalArgumentException(
          "Expected %d x %d weights, found %d x %d, and a Gram matrix of %d"
              .formatted(original.rows(), k, decoded.rows(), decoded.columns(), gram.rows()));
    }
  }

  /**
   * E'E, or W'W.
   *
   * @param decoded what is subtracted; null for nothing
   */
  private static Gram products(WeightRows original, WeightRows decoded) {
    int k = original.columns();
    float[] x = new float[ROWS * k];
    float[] other = decoded == null ? null : new float[ROWS * k];
    GramAccumulator products = new GramAccumulator(k);
    for (int row = 0; row < original.rows(); row += ROWS) {
      int rows = Math.min(ROWS, original.rows() - row);
      original.decode(row, rows, x, 0);
      if (decoded != null) {
        decoded.decode(row, rows, other, 0);
        subtract(rows * k, x, other);
      }
      products.add(rows, x);
    }
    return products.finish();
  }

  private static void subtract(int count, float[] x, float[] other) {
    for (int i = 0; i < count; i++) {
      x[i] -= other[i];
    }
  }

  /** The sum of all products of elements that stand in the same place; both are symmetric. */
  private static double[] traces(Gram products, List<Matrix> grams) {
    double[] traces = new double[grams.size()];
    for (int s = 0; s < products.strips(); s++) {
      Strip strip = products.strip(s);
      for (int row = 0; row < strip.rows(); row++) {
        // Above the square on the diagonal each element stands for its mirror image too.
        int times = row < strip.first() ? 2 : 1;
        for (int i = 0; i < traces.length; i++) {
          traces[i] += times * dot(strip, row, grams.get(i));
        }
      }
    }
    return traces;
  }

  private static double dot(Strip strip, int row, Matrix gram) {
    double sum = 0;
    int at = row * gram.columns() + strip.first();
    for (int j = 0; j < strip.columns(); j++) {
      sum += strip.values()[row * strip.columns() + j] * gram.values()[at + j];
    }
    return sum;
  }

  /** The error of each row: mean over tokens of ((w - w') x)^2. */
  public static double[] ofRows(WeightRows original, WeightRows decoded, Matrix gram) {
    check(original, decoded, gram);
    int k = original.columns();
    float[] error = new float[ROWS * k];
    float[] other = new float[ROWS * k];
    float[] product = new float[ROWS * k];
    double[] ofRows = new double[original.rows()];
    for (int row = 0; row < original.rows(); row += ROWS) {
      int rows = Math.min(ROWS, original.rows() - row);
      original.decode(row, rows, error, 0);
      decoded.decode(row, rows, other, 0);
      subtract(rows * k, error, other);
      quadratics(rows, k, error, gram, product, ofRows, row);
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
