package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.quantize.SolveReport;
import io.tritmill.kernels.quantize.band.BandSolver;
import io.tritmill.kernels.quantize.band.RowBand;
import io.tritmill.kernels.simd.GemmUpdate;
import io.tritmill.kernels.simd.LaneSteps;

/**
 * The column loop of GPTQ (arXiv:2210.17323, algorithm 1): column j takes its nearest levels q, and
 * the columns after it are moved by the error (w - q) / U_jj times row j of U.
 *
 * <p>Within a panel a column takes the errors of those before it just before its turn; after a
 * panel and after a unit the rest takes them as one product. Every weight is one chain of fused
 * multiply-adds over ascending columns, however the columns are cut.
 */
final class ErrorCompensation implements BandSolver {
  /** Keeps the errors of neighbouring columns out of each other's places in the caches. */
  private static final int APART = 16;

  private final InverseFactor factor;
  private final int[] order;
  private final boolean fitAsReached;
  private final SolveReport report;
  private float[] errors = {};

  /**
   * @param order column order[i] is taken as number i, as the factor is ordered; null for their own
   *     order
   * @param fitAsReached whether a grid is fitted when the first column of its group is reached, to
   *     the weights as moved by then, or before the first column of all
   */
  ErrorCompensation(InverseFactor factor, int[] order, boolean fitAsReached, SolveReport report) {
    this.factor = factor;
    this.order = order;
    this.fitAsReached = fitAsReached;
    this.report = report;
  }

  @Override
  public SolveReport report() {
    return report;
  }

  @Override
  public void solve(RowBand band) {
    band.loadTargets(band.levels);
    if (!fitAsReached) {
      for (int group = 0; group < band.groups(); group++) {
        band.fit(group, band.levels);
      }
    }
    if (order == null) {
      run(band, band.levels);
      return;
    }
    int rows = band.rows();
    float[] moved = new float[band.levels.length];
    for (int i = 0; i < order.length; i++) {
      System.arraycopy(band.levels, order[i] * rows, moved, i * rows, rows);
    }
    run(band, moved);
    for (int i = 0; i < order.length; i++) {
      System.arraycopy(moved, i * rows, band.levels, order[i] * rows, rows);
    }
  }

  /**
   * @param w (columns, rows) in the order of the factor: weights before, levels after
   */
  private void run(RowBand band, float[] w) {
    int k = band.columns();
    int rows = band.rows();
    ColumnBlocks blocks = new ColumnBlocks(k, fitAsReached ? band.groupWidth() : k);
    ColumnBlocks units = fitAsReached ? blocks : new ColumnBlocks(k, ColumnBlocks.WIDTH);
    int unitEnd;
    for (int unit = 0; unit < k; unit = unitEnd) {
      unitEnd = units.unitEnd(unit);
      if (errors.length < (unitEnd - unit) * (rows + APART)) {
        errors = new float[(unitEnd - unit) * (rows + APART)];
      }
      int panelEnd;
      for (int panel = unit; panel < unitEnd; panel = panelEnd) {
        panelEnd = Math.min(unitEnd, blocks.panelEnd(panel));
        if (fitAsReached && panel % band.groupWidth() == 0) {
          band.fit(panel / band.groupWidth(), w);
        }
        int errorsAt = (panel - unit) * (rows + APART);
        runPanel(band, w, panel, panelEnd, errorsAt);
        subtract(rows, panelEnd, unitEnd, panel, panelEnd, errorsAt, w);
      }
      subtract(rows, unitEnd, k, unit, unitEnd, 0, w);
    }
  }

  private void runPanel(RowBand band, float[] w, int panel, int panelEnd, int errorsAt) {
    int k = band.columns();
    int rows = band.rows();
    float[] u = factor.values();
    for (int j = panel; j < panelEnd; j++) {
      int at = j * rows;
      int error = errorsAt + (j - panel) * (rows + APART);
      LaneSteps.subtractProducts(
          rows, j - panel, u, j * k + panel, errors, errorsAt, rows + APART, w, at);
      int column = order == null ? j : order[j];
      band.grids.nearest(column / band.groupWidth(), 0, rows, w, at, errors, error);
      float step = 1 / u[j * k + j];
      for (int row = 0; row < rows; row++) {
        float weight = w[at + row];
        w[at + row] = errors[error + row];
        errors[error + row] = (weight - errors[error + row]) * step;
      }
    }
  }

  /** Moves columns [first, end) by the errors of columns [from, to). */
  private void subtract(int rows, int first, int end, int from, int to, int errorsAt, float[] w) {
    if (first == end) {
      return;
    }
    int k = factor.size();
    GemmUpdate.subtract(
        end - first,
        rows,
        to - from,
        factor.values(),
        first * k + from,
        k,
        errors,
        errorsAt,
        rows + APART,
        w,
        first * rows,
        rows);
  }
}
