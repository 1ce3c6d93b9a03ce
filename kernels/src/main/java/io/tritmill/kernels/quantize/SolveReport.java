package io.tritmill.kernels.quantize;

import io.tritmill.kernels.tensor.WeightRows;
import java.io.Serializable;
import java.util.List;

/**
 * What a calibrated method did and reached on a layer or a band of it.
 *
 * @param damping largest damping used, as a share of the mean diagonal of the Gram matrix; NaN if
 *     none was
 * @param deadColumns inputs that were zero in every token, whose weights became zero
 * @param revertedRows times that a row was put back because its held-out error rose
 * @param correction how much of the inherited error the weights were changed to undo, as held-out
 *     tokens allowed, 0 to 1; NaN if that was not asked for
 * @param calibration error of the outputs on the tokens of the Gram matrix
 * @param heldOut the same on tokens set aside; {@link OutputError#NONE} if there are none
 */
public record SolveReport(
    double damping,
    int deadColumns,
    long revertedRows,
    double correction,
    OutputError calibration,
    OutputError heldOut)
    implements Serializable {
  /** Nothing to tell. */
  public static final SolveReport NONE =
      new SolveReport(Double.NaN, 0, 0, Double.NaN, OutputError.NONE, OutputError.NONE);

  /** A report of a damping and of dead columns, without errors. */
  public static SolveReport of(double damping, int deadColumns) {
    return new SolveReport(damping, deadColumns, 0, Double.NaN, OutputError.NONE, OutputError.NONE);
  }

  /** This report with the errors of the outputs that other weights have in place of these. */
  public SolveReport withErrors(
      WeightRows weights, WeightRows decoded, LayerStatistics statistics) {
    boolean held = statistics.heldOut() != null;
    List<OutputError> errors =
        OutputError.of(
            weights,
            decoded,
            held
                ? List.of(statistics.gram(), statistics.heldOutGram())
                : List.of(statistics.gram()));
    return new SolveReport(
        damping,
        deadColumns,
        revertedRows,
        correction,
        errors.getFirst(),
        held ? errors.getLast() : OutputError.NONE);
  }

  /** This report with a correction. */
  public SolveReport withCorrection(double share) {
    return new SolveReport(damping, deadColumns, revertedRows, share, calibration, heldOut);
  }

  /** The report of both bands together. */
  public SolveReport plus(SolveReport other) {
    return new SolveReport(
        larger(damping, other.damping),
        Math.max(deadColumns, other.deadColumns),
        revertedRows + other.revertedRows,
        larger(correction, other.correction),
        calibration.plus(other.calibration),
        heldOut.plus(other.heldOut));
  }

  private static double larger(double a, double b) {
    return Double.isNaN(a) || b > a ? b : a;
  }
}
