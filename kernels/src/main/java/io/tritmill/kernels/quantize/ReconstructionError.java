package io.tritmill.kernels.quantize;

import io.tritmill.kernels.simd.Simd;
import io.tritmill.kernels.tensor.WeightRows;
import java.io.Serializable;

/**
 * How far decoded weights lie from the original ones.
 *
 * <p>Sums are double: over 32 lanes within a row, then row by row. Bands merged in a fixed order
 * give the same bits each time; another cut into bands may change the last one.
 *
 * @param squaredError sum of (w - w')^2
 * @param squaredWeight sum of w^2
 * @param count number of weights
 */
public record ReconstructionError(double squaredError, double squaredWeight, long count)
    implements Serializable {
  /** No weights yet. */
  public static final ReconstructionError NONE = new ReconstructionError(0, 0, 0);

  /** The error of a matrix, or band, that stands for another of the same shape. */
  public static ReconstructionError of(WeightRows original, WeightRows decoded) {
    int columns = original.columns();
    if (decoded.rows() != original.rows() || decoded.columns() != columns) {
      throw new IllegalArgumentException(
          "Expected %d x %d weights, found %d x %d"
              .formatted(original.rows(), columns, decoded.rows(), decoded.columns()));
    }
    float[] w = new float[columns];
    float[] d = new float[columns];
    double error = 0;
    double weight = 0;
    for (int row = 0; row < original.rows(); row++) {
      original.decode(row, 1, w, 0);
      decoded.decode(row, 1, d, 0);
      error += Simd.squaredError(w, 0, d, 0, columns);
      weight += Simd.sumOfSquares(w, 0, columns);
    }
    return new ReconstructionError(error, weight, (long) original.rows() * columns);
  }

  /** The error of both together. */
  public ReconstructionError plus(ReconstructionError other) {
    return new ReconstructionError(
        squaredError + other.squaredError,
        squaredWeight + other.squaredWeight,
        count + other.count);
  }

  /** ||W - W'|| / ||W||, Frobenius; 0 when there is no error. */
  public double relative() {
    return squaredError == 0 ? 0 : Math.sqrt(squaredError / squaredWeight);
  }

  /** Signal to noise in decibels: 10 log10(||W||^2 / ||W - W'||^2); infinite without error. */
  public double sqnrDb() {
    return squaredError == 0
        ? Double.POSITIVE_INFINITY
        : 10 * Math.log10(squaredWeight / squaredError);
  }

  /** Mean squared error of a weight; 0 of no weights. */
  public double mse() {
    return count == 0 ? 0 : squaredError / count;
  }
}
