package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.quantize.SolveReport;
import io.tritmill.kernels.quantize.band.BandSolver;
import io.tritmill.kernels.quantize.band.RowBand;
import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.simd.GemmUpdate;
import io.tritmill.kernels.simd.LaneSteps;
import java.util.Arrays;

/**
 * The column loop with errors pushed onto later rows too.
 *
 * <p>Weight (r, j) takes its level q, and with its error e = (w - q) / (V_rr U_jj) the weights
 * after it in its row and in later rows move by -e V_rs U_ji: U and V are the factors of the
 * inverses of H and G. So within column j row s moves by -U_jj times the sum over r of e_r V_rs,
 * and later columns move by U_ji times d_j = (column j before that less its levels) / U_jj, as they
 * do without G.
 *
 * <p>Rows are taken in panels inside panels of columns: what earlier panels of rows did is a
 * product, and so is what columns do to those after them.
 */
final class RowFeedback implements BandSolver {
  /** Rows of a panel. */
  private static final int HEIGHT = 64;

  private final InverseFactor columnFactor;
  private final InverseFactor rowFactor;
  private float[] errors = {}; // (panel, rows): e
  private float[] shortfalls = {}; // (unit, rows): d
  private final float[] pushed = new float[ColumnBlocks.WIDTH * HEIGHT];
  private final float[] before = new float[HEIGHT];
  private final float[] level = new float[1];
  private final float[] factor = new float[1];

  RowFeedback(InverseFactor columnFactor, InverseFactor rowFactor) {
    this.columnFactor = columnFactor;
    this.rowFactor = rowFactor;
  }

  @Override
  public SolveReport report() {
    return SolveReport.NONE;
  }

  @Override
  public void solve(RowBand band) {
    float[] w = band.levels;
    band.loadTargets(w);
    int k = band.columns();
    int rows = band.rows();
    ColumnBlocks blocks = new ColumnBlocks(k, band.groupWidth());
    int unitEnd;
    for (int unit = 0; unit < k; unit = unitEnd) {
      unitEnd = blocks.unitEnd(unit);
      if (shortfalls.length < (unitEnd - unit) * rows) {
        shortfalls = new float[(unitEnd - unit) * rows];
      }
      int panelEnd;
      for (int panel = unit; panel < unitEnd; panel = panelEnd) {
        panelEnd = blocks.panelEnd(panel);
        if (panel % band.groupWidth() == 0) {
          band.fit(panel / band.groupWidth(), w);
        }
        int at = (panel - unit) * rows;
        runPanel(band, panel, panelEnd, at);
        subtract(rows, panelEnd, unitEnd, panel, panelEnd, at, w);
      }
      subtract(rows, unitEnd, k, unit, unitEnd, 0, w);
    }
  }

  private void subtract(int rows, int first, int end, int from, int to, int at, float[] w) {
    if (first == end) {
      return;
    }
    int k = columnFactor.size();
    float[] u = columnFactor.values();
    GemmUpdate.subtract(
        end - first,
        rows,
        to - from,
        u,
        first * k + from,
        k,
        shortfalls,
        at,
        rows,
        w,
        first * rows,
        rows);
  }

  private void runPanel(RowBand band, int panel, int panelEnd, int at) {
    int rows = band.rows();
    int width = panelEnd - panel;
    if (errors.length < width * rows) {
      errors = new float[width * rows];
    }
    for (int top = 0; top < rows; top += HEIGHT) {
      int height = Math.min(HEIGHT, rows - top);
      Arrays.fill(pushed, 0);
      if (top > 0) {
        Gemm.multiply(
            width, height, top, errors, 0, rows, rowFactor.values(), top, rows, pushed, 0, HEIGHT);
      }
      for (int j = panel; j < panelEnd; j++) {
        runColumn(band, panel, j, top, height, at);
      }
    }
  }

  /** Rows [top, top + height) of one column. */
  private void runColumn(RowBand band, int panel, int j, int top, int height, int at) {
    int k = band.columns();
    int rows = band.rows();
    float[] w = band.levels;
    float[] u = columnFactor.values();
    float[] v = rowFactor.values();
    int own = j * rows + top;
    int shortfall = at + (j - panel) * rows + top;
    int error = (j - panel) * rows;
    LaneSteps.subtractProducts(
        height, j - panel, u, j * k + panel, shortfalls, at + top, rows, w, own);
    System.arraycopy(w, own, before, 0, height);
    float diagonal = u[j * k + j];
    factor[0] = diagonal;
    LaneSteps.subtractProducts(height, 1, factor, 0, pushed, (j - panel) * HEIGHT, HEIGHT, w, own);
    int group = j / band.groupWidth();
    for (int i = 0; i < height; i++) {
      int row = top + i;
      band.grids.nearest(group, row, 1, w, own + i, level, 0);
      float e = (w[own + i] - level[0]) / (v[row * rows + row] * diagonal);
      errors[error + row] = e;
      factor[0] = e * diagonal;
      LaneSteps.subtractProducts(
          height - i - 1, 1, factor, 0, v, row * rows + row + 1, rows, w, own + i + 1);
      w[own + i] = level[0];
      shortfalls[shortfall + i] = (before[i] - level[0]) / diagonal;
    }
  }
}
