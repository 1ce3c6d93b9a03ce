package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.code.Coded;
import io.tritmill.kernels.linalg.Cholesky;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.Solution;
import io.tritmill.kernels.quantize.WrappedMethod;
import io.tritmill.kernels.quantize.band.BandSweep;
import io.tritmill.kernels.quantize.band.Columns;
import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.tensor.Matrix;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What {@link Qep} makes of the method to its right.
 *
 * <p>Bands of a layer find their strength in a pass of its own, after those of the method.
 */
public record QepMethod(Qep stage, Quantizer next) implements WrappedMethod {
  private static final int ROWS = 512;

  @Override
  public Set<Need> asks() {
    Set<Need> needs = EnumSet.of(Need.GRAM, Need.INPUT_ERROR, Need.HELD_OUT);
    if (stage.residual()) {
      needs.add(Need.RESIDUAL_ERROR);
    }
    return needs;
  }

  /** All rows have one strength, and the error of the residual stream is that of all of them. */
  @Override
  public boolean rowsIndependent() {
    return false;
  }

  /** Bands add up what the strength is made of; the residual stream's error has all rows. */
  @Override
  public OptionalInt passesOverBands() {
    OptionalInt passes = next.passesOverBands();
    return passes.isPresent() ? OptionalInt.of(passes.getAsInt() + 1) : passes;
  }

  @Override
  public double[] observe(Matrix band, LayerInputs inputs) {
    LayerStatistics statistics = inputs.statistics();
    if (inputs.sums().size() < next.passes()) {
      return next.observe(band, inputs);
    }
    BandSweep.requireFinite(band);
    return statistics.heldOut() == null
        ? new double[CorrectionGuard.SUMS]
        : guard(statistics).sums(band, correction(band, statistics));
  }

  @Override
  public Coded quantize(Matrix band, LayerInputs inputs) {
    return next.quantize(correct(band, inputs).weights(), ofNext(inputs));
  }

  @Override
  public Solution solve(Matrix band, LayerInputs inputs) {
    Corrected corrected = correct(band, inputs);
    Solution solution = next.solve(corrected.weights(), ofNext(inputs));
    return new Solution(
        solution.codes(), solution.report().withCorrection(corrected.strength() * stage.alpha()));
  }

  /** Without the sums of this method's own pass. */
  private LayerInputs ofNext(LayerInputs inputs) {
    List<double[]> sums = inputs.sums();
    return new LayerInputs(
        sums.subList(0, Math.min(next.passes(), sums.size())), inputs.statistics());
  }

  private CorrectionGuard guard(LayerStatistics statistics) {
    return new CorrectionGuard(statistics.heldOut(), stage.residual());
  }

  /** Weights and how much of the correction was made. */
  record Corrected(Matrix weights, double strength) {}

  /** W and as much of its correction as holds on tokens set aside; all of it without them. */
  Corrected correct(Matrix band, LayerInputs inputs) {
    LayerStatistics statistics = inputs.statistics();
    BandSweep.requireFinite(band);
    Matrix weights = correction(band, statistics);
    double strength = 1;
    if (statistics.heldOut() != null) {
      boolean known = inputs.sums().size() > next.passes();
      strength =
          CorrectionGuard.strength(
              known ? inputs.sums().get(next.passes()) : guard(statistics).sums(band, weights));
    }
    for (int i = 0; i < weights.values().length; i++) {
      weights.values()[i] = band.values()[i] + (float) strength * weights.values()[i];
    }
    return new Corrected(weights, strength);
  }

  /** (alpha W D + the residual stream's error) (H + lambda I)^-1. */
  private Matrix correction(Matrix band, LayerStatistics statistics) {
    Columns columns = Columns.of(band, statistics, "qep");
    check(band, statistics);
    Cholesky factor = InverseFactor.Damped.of(columns, stage.damp(), null).cholesky();
    int k = band.columns();
    Matrix correction = Matrix.zeros(band.rows(), k);
    for (int row = 0; row < band.rows(); row += ROWS) {
      int rows = Math.min(ROWS, band.rows() - row);
      rightHandSides(band, statistics, row, rows, correction);
      factor.solve(rows, correction.values(), row * k, k);
    }
    return correction;
  }

  private void rightHandSides(
      Matrix band, LayerStatistics statistics, int row, int rows, Matrix into) {
    int k = band.columns();
    float[] d = statistics.inputError().values();
    float[] right = into.values();
    Gemm.multiply(rows, k, k, band.values(), row * k, k, d, 0, k, right, row * k, k);
    float alpha = (float) stage.alpha();
    Matrix residual = stage.residual() ? statistics.residualError() : null;
    for (int i = row * k; i < (row + rows) * k; i++) {
      right[i] = alpha * right[i] + (residual == null ? 0 : residual.values()[i]);
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
