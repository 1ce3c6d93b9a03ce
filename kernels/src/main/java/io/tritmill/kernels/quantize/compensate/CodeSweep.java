package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.quantize.band.Columns;
import io.tritmill.kernels.quantize.band.RowBand;
import io.tritmill.kernels.simd.LaneSteps;

/**
 * One sweep of coordinate descent over the codes of a band, with the scales of each group refitted
 * on the way.
 *
 * <p>In column j the error of a row is a parabola of its level with the minimum at tau = q + P_j /
 * (H_jj + lambda): the nearest level to tau is the best one (arXiv:2403.07134 in terms of the Gram
 * matrix). A change of a column is followed within its panel just before a later column's turn,
 * within its unit after the panel, and elsewhere after the unit.
 */
final class CodeSweep {
  private final Columns columns;
  private final ScaleStep scales;
  private float[] change = {};
  private float[] before = {};
  private float[] column = {};
  private float[] target = {};
  private float[] candidate = {};

  CodeSweep(Columns columns) {
    this.columns = columns;
    scales = new ScaleStep(columns);
  }

  /**
   * @param refit whether scales are refitted too
   */
  void run(GramState state, boolean refit) {
    RowBand band = state.band;
    int k = band.columns();
    int rows = band.rows();
    ColumnBlocks blocks = new ColumnBlocks(k, band.groupWidth());
    room(rows, k, blocks);
    int unitEnd;
    for (int unit = 0; unit < k; unit = unitEnd) {
      unitEnd = blocks.unitEnd(unit);
      System.arraycopy(band.levels, unit * rows, before, 0, (unitEnd - unit) * rows);
      int panelEnd;
      for (int panel = unit; panel < unitEnd; panel = panelEnd) {
        panelEnd = blocks.panelEnd(panel);
        runPanel(state, panel, panelEnd);
        state.move(unit, unitEnd, panel, panelEnd, change, 0);
        if (refit && panelEnd == Math.min(k, (panel / band.groupWidth() + 1) * band.groupWidth())) {
          scales.run(state, panel / band.groupWidth(), unit, unitEnd);
        }
      }
      for (int i = 0; i < (unitEnd - unit) * rows; i++) {
        before[i] = band.levels[unit * rows + i] - before[i];
      }
      state.move(0, unit, unit, unitEnd, before, 0);
      state.move(unitEnd, k, unit, unitEnd, before, 0);
    }
  }

  private void room(int rows, int k, ColumnBlocks blocks) {
    int unit = blocks.unitEnd(0);
    if (before.length < unit * rows) {
      before = new float[unit * rows];
    }
    if (change.length < ColumnBlocks.WIDTH * rows) {
      change = new float[ColumnBlocks.WIDTH * rows];
      column = new float[rows];
      target = new float[rows];
      candidate = new float[rows];
    }
  }

  private void runPanel(GramState state, int panel, int panelEnd) {
    RowBand band = state.band;
    int k = band.columns();
    int rows = band.rows();
    float[] gram = columns.gram().values();
    for (int j = panel; j < panelEnd; j++) {
      int at = j * rows;
      System.arraycopy(state.gradient, at, column, 0, rows);
      LaneSteps.subtractProducts(rows, j - panel, gram, j * k + panel, change, 0, rows, column, 0);
      LaneSteps.descentTarget(
          rows, band.levels, at, column, 0, columns.diagonal()[j], state.damping, 0, target, 0);
      band.grids.nearest(j / band.groupWidth(), 0, rows, target, 0, candidate, 0);
      LaneSteps.takeNearer(
          rows, target, 0, candidate, 0, band.levels, at, change, (j - panel) * rows);
    }
  }
}
