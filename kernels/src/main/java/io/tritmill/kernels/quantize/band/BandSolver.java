package io.tritmill.kernels.quantize.band;

import io.tritmill.kernels.quantize.SolveReport;

/**
 * Chooses grids and levels of the rows of a band, one band after another.
 *
 * <p>Holds scratch: one thread at a time.
 */
public interface BandSolver {
  void solve(RowBand band);

  /** What there is to tell of the bands solved so far; errors of the output are not in it. */
  SolveReport report();
}
