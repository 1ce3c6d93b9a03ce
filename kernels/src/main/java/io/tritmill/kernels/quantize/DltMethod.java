package io.tritmill.kernels.quantize;

import io.tritmill.kernels.tensor.Matrix;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/** What {@link Dlt} makes of the method to its right. */
record DltMethod(Dlt stage, Quantizer next) implements WrappedMethod {
  @Override
  public PlaneLayout layout() {
    return next.layout().withShift();
  }

  @Override
  public Set<Need> needs() {
    Set<Need> needs = EnumSet.of(Need.GRAM);
    needs.addAll(next.needs());
    return needs;
  }

  @Override
  public TritPlanes quantize(Matrix band, LayerInputs inputs) {
    return solve(band, inputs).planes();
  }

  @Override
  public Solution solve(Matrix band, LayerInputs inputs) {
    LayerStatistics statistics = inputs.statistics();
    Search search = new Search(band, inputs, Columns.of(band, statistics, "dlt"));
    search.attempt(new float[band.rows() * search.shifts.groups()]);
    search.attempt(search.shifts.fit(band, Matrix.zeros(band.rows(), band.columns())));
    for (int round = 0; round < stage.rounds(); round++) {
      search.attempt(search.shiftsOfBest());
    }
    TritPlanes best = search.best;
    OutputError heldOut =
        statistics.heldOut() == null
            ? OutputError.NONE
            : OutputError.of(band, best, statistics.heldOutGram());
    OutputError calibration = OutputError.of(band, best, statistics.gram());
    return new Solution(best, search.report.withErrors(calibration, heldOut));
  }

  /** The best of each row so far, or of all rows together where they depend on each other. */
  private final class Search {
    private final Matrix band;
    private final LayerInputs inputs;
    private final GroupShifts shifts;
    private final double[] least;
    private TritPlanes best;
    private SolveReport report = SolveReport.NONE;

    Search(Matrix band, LayerInputs inputs, Columns columns) {
      this.band = band;
      this.inputs = inputs;
      int width = layout().group().width(band.columns());
      shifts = new GroupShifts(columns, width, stage.damp());
      least = new double[band.rows()];
    }

    /** Solves the weights less these shifts, and refits the shifts. */
    void attempt(float[] shift) {
      Solution solved = next.solve(shifts.without(band, shift), inputs);
      report = report.plus(solved.report());
      float[] refitted = shifts.fit(band, solved.planes());
      TritPlanes planes = solved.planes().withShifts(refitted);
      double[] errors = OutputError.ofRows(band, planes, inputs.statistics().gram());
      if (!rowsIndependent()) {
        Arrays.fill(errors, Arrays.stream(errors).sum());
      }
      if (best == null) {
        best = planes;
        System.arraycopy(errors, 0, least, 0, least.length);
        return;
      }
      for (int row = 0; row < errors.length; row++) {
        if (errors[row] < least[row]) {
          least[row] = errors[row];
          best.takeRow(planes, row);
        }
      }
    }

    float[] shiftsOfBest() {
      float[] found = new float[band.rows() * shifts.groups()];
      for (int i = 0; i < found.length; i++) {
        found[i] = best.shift(i / shifts.groups(), i % shifts.groups());
      }
      return found;
    }
  }
}
