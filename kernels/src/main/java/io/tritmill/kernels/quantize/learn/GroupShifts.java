package io.tritmill.kernels.quantize.learn;

import io.tritmill.kernels.code.StoredScale;
import io.tritmill.kernels.linalg.Cholesky;
import io.tritmill.kernels.quantize.band.Columns;
import io.tritmill.kernels.quantize.compensate.InverseFactor;
import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.Arrays;

/** The shifts of groups with the least output error, for levels that stay. */
final class GroupShifts {
  private static final int ROWS = 256;

  private final int width;
  private final int groups;
  private final Matrix sums; // (groups, k): E H
  private final Cholesky factor; // of E H E' + lambda I

  /**
   * @param width columns of a group
   * @param damp lambda as a share of the mean diagonal
   */
  GroupShifts(Columns columns, int width, double damp) {
    int k = columns.size();
    this.width = width;
    groups = Math.ceilDiv(k, width);
    float[] gram = columns.gram().values();
    sums = Matrix.zeros(groups, k);
    Matrix square = Matrix.zeros(groups, groups);
    double[] of = new double[k];
    for (int group = 0; group < groups; group++) {
      Arrays.fill(of, 0);
      for (int i = group * width; i < Math.min(k, (group + 1) * width); i++) {
        for (int j = 0; j < k; j++) {
          of[j] += gram[i * k + j];
        }
      }
      double[] across = new double[groups];
      for (int j = 0; j < k; j++) {
        sums.values()[group * k + j] = (float) of[j];
        across[j / width] += of[j];
      }
      for (int other = 0; other < groups; other++) {
        square.values()[group * groups + other] = (float) across[other];
      }
    }
    factor = InverseFactor.Damped.of(Columns.of(square), damp, null).cholesky();
  }

  int groups() {
    return groups;
  }

  /** Weights less the shifts of their groups, (rows, groups). */
  Matrix without(Matrix weights, float[] shifts) {
    int k = weights.columns();
    Matrix moved = weights.band(0, weights.rows());
    float[] w = moved.values();
    for (int row = 0; row < weights.rows(); row++) {
      for (int column = 0; column < k; column++) {
        w[row * k + column] -= shifts[row * groups + column / width];
      }
    }
    return moved;
  }

  /**
   * The best shifts, as they can be stored.
   *
   * @param levels what stands for the weights without a shift
   */
  float[] fit(Matrix weights, WeightRows levels) {
    int k = weights.columns();
    float[] shifts = new float[Math.multiplyExact(weights.rows(), groups)];
    float[] rest = new float[ROWS * k];
    for (int row = 0; row < weights.rows(); row += ROWS) {
      int rows = Math.min(ROWS, weights.rows() - row);
      levels.decode(row, rows, rest, 0);
      for (int i = 0; i < rows * k; i++) {
        rest[i] = weights.values()[row * k + i] - rest[i];
      }
      int at = row * groups;
      float[] into = shifts;
      Gemm.multiplyTransposed(rows, groups, k, rest, 0, k, sums.values(), 0, k, into, at, groups);
      factor.solve(rows, shifts, at, groups);
    }
    for (int i = 0; i < shifts.length; i++) {
      shifts[i] = StoredScale.of(shifts[i], i / groups);
    }
    return shifts;
  }
}
