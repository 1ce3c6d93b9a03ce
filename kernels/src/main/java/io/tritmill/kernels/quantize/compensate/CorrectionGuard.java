package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.tensor.Matrix;

/**
 * How much of a correction holds on tokens that it was not fitted to.
 *
 * <p>A correction C of weights W is there to meet a change of the outputs whose products with the
 * inputs are T = W D + (Y - Yq)'Xq. Made with the strength s it leaves, on tokens set aside, an
 * error of s^2 tr(C H C') - 2 s tr(T C') and a constant, least at s = tr(T C') / tr(C H C'). That
 * is about 1 where the correction is as good there as where it was fitted, less where it was fitted
 * to chance, and 0 where it does harm.
 */
final class CorrectionGuard {
  /** Numbers that bands add up: tr(T C') and tr(C H C'). */
  static final int SUMS = 2;

  private static final int ROWS = 512;

  private final LayerStatistics heldOut;
  private final boolean residual;

  /**
   * @param heldOut sums over tokens set aside
   * @param residual whether the correction repairs the residual stream where its error is given
   */
  CorrectionGuard(LayerStatistics heldOut, boolean residual) {
    this.heldOut = heldOut;
    this.residual = residual && heldOut.residualError() != null;
  }

  /** The strength with which a correction of a whole layer holds, 0 to 1, from all its sums. */
  static double strength(double[] sums) {
    return sums[1] > 0 ? Math.clamp(sums[0] / sums[1], 0, 1) : 0;
  }

  /** What a band adds to tr(T C') and tr(C H C'). */
  double[] sums(Matrix weights, Matrix correction) {
    double target = 0;
    double square = 0;
    int k = weights.columns();
    float[] product = new float[Math.min(ROWS, weights.rows()) * k];
    for (int row = 0; row < weights.rows(); row += ROWS) {
      int rows = Math.min(ROWS, weights.rows() - row);
      times(rows, weights, row, heldOut.inputError(), product);
      target += dot(rows * k, correction, row, product);
      if (residual) {
        float[] more = heldOut.residualError().values();
        for (int i = 0; i < rows * k; i++) {
          target += (double) correction.values()[row * k + i] * more[row * k + i];
        }
      }
      times(rows, correction, row, heldOut.gram(), product);
      square += dot(rows * k, correction, row, product);
    }
    return new double[] {target, square};
  }

  private static void times(int rows, Matrix left, int row, Matrix right, float[] product) {
    int k = left.columns();
    Gemm.multiply(rows, k, k, left.values(), row * k, k, right.values(), 0, k, product, 0, k);
  }

  private static double dot(int count, Matrix correction, int row, float[] product) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += (double) correction.values()[row * correction.columns() + i] * product[i];
    }
    return sum;
  }
}
