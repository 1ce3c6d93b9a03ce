package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.quantize.band.RowBand;
import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.simd.GemmUpdate;
import io.tritmill.kernels.simd.LaneSteps;
import java.util.Arrays;

/**
 * One sweep of coordinate descent in J = tr(G E H E') / 2.
 *
 * <p>The best level of weight (r, j) while all others stay is the nearest to q + P_rj / (G_rr
 * H_jj). A change of it by c moves P_si by -G_rs c H_ji. Columns are taken in panels and rows in
 * panels within them: what earlier panels of rows changed is a product, so that J is exact at every
 * step and never rises but for rounding.
 */
final class MetricSweep {
  /** Rows of a panel. */
  private static final int HEIGHT = 64;

  private final MetricState state;
  private final MetricScales scales;
  private float[] change = {}; // (panel, rows)
  private float[] weighted = {}; // (unit, rows): changes times G
  private float[] step = {}; // (panel, rows): those of one step
  private final float[] earlier = new float[ColumnBlocks.WIDTH * HEIGHT];
  private final float[] local = new float[ColumnBlocks.WIDTH * HEIGHT];
  private final float[] own = new float[ColumnBlocks.WIDTH * HEIGHT];
  private final float[] opposite = new float[HEIGHT];
  private final float[] level = new float[1];
  private final float[] factor = new float[1];

  MetricSweep(MetricState state) {
    this.state = state;
    scales = new MetricScales(state);
  }

  /**
   * @param refit whether scales are refitted too
   */
  void run(RowBand band, boolean refit) {
    int k = band.columns();
    int rows = band.rows();
    int groupWidth = band.groupWidth();
    ColumnBlocks blocks = new ColumnBlocks(k, groupWidth);
    int longest = blocks.unitEnd(0) * rows;
    if (weighted.length < longest) {
      weighted = new float[longest];
      step = new float[longest];
      change = new float[Math.min(longest, ColumnBlocks.WIDTH * rows)];
    }
    int unitEnd;
    for (int unit = 0; unit < k; unit = unitEnd) {
      unitEnd = blocks.unitEnd(unit);
      Arrays.fill(weighted, 0, (unitEnd - unit) * rows, 0);
      int panelEnd;
      for (int panel = unit; panel < unitEnd; panel = panelEnd) {
        panelEnd = blocks.panelEnd(panel);
        runPanel(band, panel, panelEnd);
        state.weigh(panelEnd - panel, change, 0, step, 0);
        follow(unit, unitEnd, panel, panelEnd);
        int group = panel / groupWidth;
        if (refit && panelEnd == Math.min(k, (group + 1) * groupWidth)) {
          if (scales.run(band, group, step)) {
            follow(unit, unitEnd, group * groupWidth, panelEnd);
          }
        }
      }
      state.move(0, unit, unit, unitEnd, weighted, 0);
      state.move(unitEnd, k, unit, unitEnd, weighted, 0);
    }
  }

  /** Follows the weighted changes of one step within the unit, and keeps them for the rest. */
  private void follow(int unit, int unitEnd, int from, int to) {
    state.move(unit, unitEnd, from, to, step, 0);
    int at = (from - unit) * state.rows;
    for (int i = 0; i < (to - from) * state.rows; i++) {
      weighted[at + i] += step[i];
    }
  }

  private void runPanel(RowBand band, int panel, int panelEnd) {
    int k = band.columns();
    int rows = band.rows();
    int width = panelEnd - panel;
    float[] gram = state.columns.gram().values();
    for (int top = 0; top < rows; top += HEIGHT) {
      int height = Math.min(HEIGHT, rows - top);
      for (int c = 0; c < width; c++) {
        System.arraycopy(state.gradient, (panel + c) * rows + top, local, c * HEIGHT, height);
      }
      if (top > 0) {
        Gemm.multiply(
            width, height, top, change, 0, rows, state.metric, top, rows, earlier, 0, HEIGHT);
        GemmUpdate.subtract(
            width, height, width, gram, panel * k + panel, k, earlier, 0, HEIGHT, local, 0, HEIGHT);
        for (int i = 0; i < width * HEIGHT; i++) {
          local[i] -= state.damping * earlier[i];
        }
      }
      for (int j = panel; j < panelEnd; j++) {
        runColumn(band, panel, j, top, height);
      }
    }
  }

  /** Rows [top, top + height) of one column. */
  private void runColumn(RowBand band, int panel, int j, int top, int height) {
    int k = band.columns();
    int rows = band.rows();
    float[] gram = state.columns.gram().values();
    float[] metric = state.metric;
    float curvature = state.columns.diagonal()[j] + state.damping;
    int u = (j - panel) * HEIGHT;
    int group = j / band.groupWidth();
    LaneSteps.subtractProducts(height, j - panel, gram, j * k + panel, own, 0, HEIGHT, local, u);
    boolean any = false;
    for (int i = 0; i < height; i++) {
      int row = top + i;
      int at = j * rows + row;
      float old = band.levels[at];
      float target = old + local[u + i] / (metric[row * rows + row] * curvature);
      level[0] = target;
      band.grids.nearest(group, row, 1, level, 0, level, 0);
      float taken = Math.abs(target - level[0]) < Math.abs(target - old) ? level[0] : old;
      float moved = taken - old;
      band.levels[at] = taken;
      change[(j - panel) * rows + row] = moved;
      opposite[i] = -moved;
      if (moved != 0) {
        any = true;
        factor[0] = moved * curvature;
        LaneSteps.subtractProducts(
            height - i - 1, 1, factor, 0, metric, row * rows + row + 1, rows, local, u + i + 1);
      }
    }
    Arrays.fill(own, u, u + height, 0);
    if (any) {
      LaneSteps.subtractProducts(
          height, height, opposite, 0, metric, top * rows + top, rows, own, u);
    }
  }
}
