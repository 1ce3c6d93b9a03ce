package io.tritmill.kernels.quantize.learn;

import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.quantize.OutputError;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.Solution;
import io.tritmill.kernels.quantize.SolveReport;
import io.tritmill.kernels.quantize.WrappedMethod;
import io.tritmill.kernels.quantize.band.BandSolver;
import io.tritmill.kernels.quantize.band.BandSweep;
import io.tritmill.kernels.quantize.band.Columns;
import io.tritmill.kernels.quantize.band.LayerMethod;
import io.tritmill.kernels.tensor.Matrix;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What {@link Dlt} makes of the method to its right.
 *
 * @param plain the layout of that method
 */
record DltMethod(Dlt stage, Quantizer next, PlaneLayout plain) implements WrappedMethod {
  @Override
  public PlaneLayout levels() {
    return plain.withShift();
  }

  @Override
  public Set<Need> asks() {
    return EnumSet.of(Need.GRAM);
  }

  @Override
  public TritPlanes quantize(Matrix band, LayerInputs inputs) {
    return solve(band, inputs).codes().planes();
  }

  @Override
  public Solution solve(Matrix band, LayerInputs inputs) {
    BandSweep.requireFinite(band);
    Search search = new Search(band, inputs);
    search.attempt(new float[band.rows() * search.shifts.groups()]);
    search.attempt(search.shifts.fit(band, Matrix.zeros(band.rows(), band.columns())));
    for (int round = 0; round < stage.rounds(); round++) {
      search.attempt(search.shiftsOfBest());
    }
    return new Solution(
        search.best, search.report.withErrors(band, search.best, inputs.statistics()));
  }

  /** The best of each row so far, or of all rows together where they depend on each other. */
  private final class Search {
    private final Matrix band;
    private final Matrix gram;
    private final Function<Matrix, Solution> fitting;
    private final GroupShifts shifts;
    private final double[] least;
    private TritPlanes best;
    private SolveReport report = SolveReport.NONE;

    Search(Matrix band, LayerInputs inputs) {
      this.band = band;
      Columns columns = Columns.of(band, inputs.statistics(), "dlt");
      gram = inputs.statistics().gram();
      fitting = fitting(columns, inputs);
      int width = plain.group().width(band.columns());
      shifts = new GroupShifts(columns, width, stage.damp());
      least = new double[band.rows()];
    }

    /** What all attempts have in common, such as a factor of the Gram matrix, is done once. */
    private Function<Matrix, Solution> fitting(Columns columns, LayerInputs inputs) {
      if (!(next instanceof LayerMethod method)) {
        return weights -> next.solve(weights, inputs);
      }
      Supplier<BandSolver> solvers = method.solvers(columns, inputs.statistics());
      return weights -> method.run(weights, inputs, columns, solvers);
    }

    /** Solves the weights less these shifts, and refits the shifts. */
    void attempt(float[] shift) {
      Solution solved = fitting.apply(shifts.without(band, shift));
      report = report.plus(solved.report());
      TritPlanes unshifted = solved.codes().planes();
      TritPlanes planes = unshifted.withShifts(shifts.fit(band, unshifted));
      double[] errors = OutputError.ofRows(band, planes, gram);
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
