package io.tritmill.kernels.quantize.band;

import io.tritmill.kernels.code.Coded;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.Solution;
import io.tritmill.kernels.quantize.WrappedMethod;
import io.tritmill.kernels.tensor.Matrix;
import java.util.function.Supplier;

/**
 * A method that a stage made of another one, down to the {@link #rounding} that says what levels
 * there are.
 */
public interface LayerMethod extends WrappedMethod {
  /**
   * Does what all rows of the layer have in common.
   *
   * @return makes solvers that share it, for threads that work on different rows
   */
  Supplier<BandSolver> solvers(Columns columns, LayerStatistics statistics);

  @Override
  default boolean rowsIndependent() {
    return rounding().rowsIndependent() && !rowsTogether();
  }

  /**
   * The solvers of the method that a stage begins with.
   *
   * @return makes nothing where that method only rounds
   */
  static Supplier<BandSolver> startingWith(
      Quantizer next, Columns columns, LayerStatistics statistics) {
    return next instanceof LayerMethod method ? method.solvers(columns, statistics) : () -> null;
  }

  /** Whether rows depend on each other, so that all of them are worked on at once. */
  default boolean rowsTogether() {
    return false;
  }

  @Override
  default Coded quantize(Matrix band, LayerInputs inputs) {
    return run(band, inputs).codes();
  }

  @Override
  default Solution solve(Matrix band, LayerInputs inputs) {
    Solution solved = run(band, inputs);
    Coded codes = solved.codes();
    return new Solution(codes, solved.report().withErrors(band, codes, inputs.statistics()));
  }

  private Solution run(Matrix band, LayerInputs inputs) {
    BandSweep.requireFinite(band);
    Columns columns = Columns.of(band, inputs.statistics(), getClass().getSimpleName());
    return run(band, inputs, columns, solvers(columns, inputs.statistics()));
  }

  /** Solves all rows of a band, with what they have in common given. */
  default Solution run(
      Matrix band, LayerInputs inputs, Columns columns, Supplier<BandSolver> solvers) {
    Coded codes = levels().zeros(band.rows(), band.columns());
    RowParts parts = new RowParts(solvers);
    RowParts.Work work =
        (solver, row, rows) -> {
          RowBand part = new RowBand(band, row, rows, rounding(), inputs, columns.dead());
          solver.solve(part);
          part.emit(codes);
        };
    if (rowsTogether()) {
      parts.together(band.rows(), work);
    } else {
      parts.each(band.rows(), band.columns(), work);
    }
    return new Solution(codes, parts.report());
  }
}
