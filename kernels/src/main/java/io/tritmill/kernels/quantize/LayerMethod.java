package io.tritmill.kernels.quantize;

import io.tritmill.kernels.tensor.Matrix;

/**
 * A method that a stage made of another one, down to the {@link #rounding} that says what levels
 * there are.
 *
 * <p>The rows of a band are worked on a few hundred at a time, so that what a column step touches
 * stays in the caches.
 */
interface LayerMethod extends WrappedMethod {
  /** Floats of a few hundred rows: 16 MiB. */
  int BAND_FLOATS = 1 << 22;

  /** Rows worked on at once: at least, and at most. */
  int FEWEST_ROWS = 256;

  int MOST_ROWS = 1024;

  /** Does what all rows of the layer have in common. */
  BandSolver solver(Columns columns, LayerStatistics statistics);

  @Override
  default boolean rowsIndependent() {
    return rounding().rowsIndependent() && !rowsTogether();
  }

  /** Whether rows depend on each other, so that all of them are worked on at once. */
  default boolean rowsTogether() {
    return false;
  }

  @Override
  default TritPlanes quantize(Matrix band, LayerInputs inputs) {
    return run(band, inputs).planes();
  }

  @Override
  default Solution solve(Matrix band, LayerInputs inputs) {
    Solution solved = run(band, inputs);
    TritPlanes planes = solved.planes();
    return new Solution(planes, solved.report().withErrors(band, planes, inputs.statistics()));
  }

  private Solution run(Matrix band, LayerInputs inputs) {
    BandSweep.requireFinite(band);
    Columns columns = Columns.of(band, inputs.statistics(), getClass().getSimpleName());
    return run(band, inputs, columns, solver(columns, inputs.statistics()));
  }

  /** Solves all rows of a band, with what they have in common given. */
  default Solution run(Matrix band, LayerInputs inputs, Columns columns, BandSolver solver) {
    TritPlanes planes = BandSweep.empty(band, layout());
    int atOnce =
        rowsTogether()
            ? Math.max(1, band.rows())
            : Math.clamp(BAND_FLOATS / band.columns(), FEWEST_ROWS, MOST_ROWS);
    for (int row = 0; row < band.rows(); row += atOnce) {
      int rows = Math.min(atOnce, band.rows() - row);
      RowBand part = new RowBand(band, row, rows, rounding(), inputs, columns.dead());
      solver.solve(part);
      part.emit(planes);
    }
    return new Solution(planes, solver.report());
  }
}
