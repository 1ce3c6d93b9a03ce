package io.tritmill.kernels.quantize;

import io.tritmill.kernels.linalg.Cholesky;
import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.tensor.Matrix;
import java.util.EnumSet;
import java.util.Set;

/** What {@link Qep} makes of the method to its right. */
record QepMethod(Qep stage, Quantizer next) implements Quantizer {
  private static final int ROWS = 512;

  @Override
  public PlaneLayout layout() {
    return next.layout();
  }

  @Override
  public Set<Need> needs() {
    Set<Need> needs = EnumSet.of(Need.GRAM, Need.INPUT_ERROR);
    if (stage.residual()) {
      needs.add(Need.RESIDUAL_ERROR);
    }
    needs.addAll(next.needs());
    return needs;
  }

  @Override
  public boolean rowsIndependent() {
    return !stage.residual() && next.rowsIndependent();
  }

  @Override
  public int passes() {
    return next.passes();
  }

  @Override
  public double[] observe(Matrix band, LayerInputs inputs) {
    return next.observe(band, inputs);
  }

  @Override
  public TritPlanes quantize(Matrix band, LayerInputs inputs) {
    return next.quantize(corrected(band, inputs.statistics()), inputs);
  }

  @Override
  public Solution solve(Matrix band, LayerInputs inputs) {
    Solution solution = next.solve(corrected(band, inputs.statistics()), inputs);
    return new Solution(solution.planes(), solution.report().withCorrection(stage.alpha()));
  }

  /** W + (alpha W D + the residual stream's error) (H + lambda I)^-1. */
  Matrix corrected(Matrix band, LayerStatistics statistics) {
    for (int row = 0; row < band.rows(); row++) {
      BandSweep.requireFinite(band, row);
    }
    Columns columns = Columns.of(band, statistics, "qep");
    check(band, statistics);
    Cholesky factor = InverseFactor.Damped.of(columns, stage.damp(), null).cholesky();
    int k = band.columns();
    Matrix corrected = new Matrix(band.rows(), k, band.values().clone());
    float[] right = new float[Math.min(ROWS, band.rows()) * k];
    for (int row = 0; row < band.rows(); row += ROWS) {
      int rows = Math.min(ROWS, band.rows() - row);
      rightHandSides(band, statistics, row, rows, right);
      factor.solve(rows, right, 0, k);
      for (int i = 0; i < rows * k; i++) {
        corrected.values()[row * k + i] += right[i];
      }
    }
    return corrected;
  }

  private void rightHandSides(
      Matrix band, LayerStatistics statistics, int row, int rows, float[] right) {
    int k = band.columns();
    float[] d = statistics.inputError().values();
    Gemm.multiply(rows, k, k, band.values(), row * k, k, d, 0, k, right, 0, k);
    float alpha = (float) stage.alpha();
    for (int i = 0; i < rows * k; i++) {
      right[i] *= alpha;
    }
    Matrix residual = stage.residual() ? statistics.residualError() : null;
    for (int i = 0; residual != null && i < rows * k; i++) {
      right[i] += residual.values()[row * k + i];
    }
  }

  private void check(Matrix band, LayerStatistics statistics) {
    Matrix d = statistics.inputError();
    int k = band.columns();
    if (d == null || d.rows() != k || d.columns() != k) {
      throw new IllegalArgumentException(
          "qep needs the error of the layer's inputs, %d x %d, found %s".formatted(k, k, shape(d)));
    }
    Matrix residual = statistics.residualError();
    if (stage.residual()
        && residual != null
        && (residual.rows() != band.rows() || residual.columns() != k)) {
      throw new IllegalArgumentException(
          "qep needs the error of the residual stream for each row, %d x %d, found %s"
              .formatted(band.rows(), k, shape(residual)));
    }
  }

  private static String shape(Matrix matrix) {
    return matrix == null ? "none" : matrix.rows() + " x " + matrix.columns();
  }
}
