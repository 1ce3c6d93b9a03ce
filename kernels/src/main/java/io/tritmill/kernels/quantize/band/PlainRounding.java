package io.tritmill.kernels.quantize.band;

import io.tritmill.kernels.quantize.SolveReport;

/** Every weight takes the level nearest to it, on grids fitted to the weights as given. */
public final class PlainRounding implements BandSolver {
  @Override
  public void solve(RowBand band) {
    band.loadTargets(band.levels);
    int rows = band.rows();
    for (int group = 0; group < band.groups(); group++) {
      band.fit(group, band.levels);
    }
    for (int column = 0; column < band.columns(); column++) {
      int at = column * rows;
      band.grids.nearest(column / band.groupWidth(), 0, rows, band.levels, at, band.levels, at);
    }
  }

  @Override
  public SolveReport report() {
    return SolveReport.NONE;
  }
}
