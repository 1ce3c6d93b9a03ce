package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.quantize.band.Columns;
import io.tritmill.kernels.quantize.band.RowBand;
import io.tritmill.kernels.quantize.band.RowGrids;
import io.tritmill.kernels.simd.Gemm;
import java.util.Arrays;

/**
 * The best scales of one group for codes that stay: the error of a row is a quadratic of them, with
 * the curvature S'(H + lambda I)S and the slope S'P, S the codes of each scale.
 *
 * <p>The step is rounded so that the scales can be stored, and taken only if the error then falls,
 * so that nothing is left to round at the end.
 */
public final class ScaleStep {
  private final Columns columns;
  private float[] codes = {}; // (directions, width, rows)
  private float[] products = {}; // (width, rows): (H + lambda I) S of one direction
  private float[] change = {}; // (width, rows)
  private double[] curvature = {}; // (directions, directions, rows)
  private double[] slope = {}; // (directions, rows)
  private boolean[] moved = {};

  public ScaleStep(Columns columns) {
    this.columns = columns;
  }

  /**
   * Refits one group of all rows, and follows the change in the derivative of columns {@code
   * [first, end)}, which hold the group.
   */
  public void run(GramState state, int group, int first, int end) {
    RowBand band = state.band;
    int rows = band.rows();
    int begin = group * band.groupWidth();
    int width = Math.min(band.groupWidth(), band.columns() - begin);
    int directions = band.grids.directions();
    room(rows, width, directions);
    for (int d = 0; d < directions; d++) {
      for (int c = 0; c < width; c++) {
        int at = (d * width + c) * rows;
        band.grids.codes(group, d, band.levels, (begin + c) * rows, codes, at);
      }
    }
    gather(state, begin, width, directions);
    boolean any = false;
    float[] scales = new float[directions];
    for (int row = 0; row < rows; row++) {
      moved[row] = step(band.grids, group, row, rows, directions, scales);
      any |= moved[row];
      if (moved[row]) {
        apply(band, begin, width, row, scales);
        band.grids.setScales(group, row, scales);
      } else {
        for (int c = 0; c < width; c++) {
          change[c * rows + row] = 0;
        }
      }
    }
    if (any) {
      state.move(first, end, begin, begin + width, change, 0);
    }
  }

  private void room(int rows, int width, int directions) {
    int size = width * rows;
    if (codes.length < directions * size) {
      codes = new float[directions * size];
      products = new float[size];
      change = new float[size];
    }
    if (slope.length < directions * rows) {
      slope = new double[directions * rows];
      curvature = new double[directions * directions * rows];
      moved = new boolean[rows];
    }
  }

  private void gather(GramState state, int begin, int width, int directions) {
    int k = columns.size();
    int rows = state.band.rows();
    Arrays.fill(slope, 0);
    Arrays.fill(curvature, 0);
    for (int d = 0; d < directions; d++) {
      int own = d * width * rows;
      addProducts(width, rows, codes, own, state.gradient, begin * rows, slope, d * rows);
      Gemm.multiply(
          width,
          rows,
          width,
          columns.gram().values(),
          begin * k + begin,
          k,
          codes,
          own,
          rows,
          products,
          0,
          rows);
      for (int c = 0; c < width; c++) {
        for (int row = 0; row < rows; row++) {
          products[c * rows + row] += state.damping[row] * codes[own + c * rows + row];
        }
      }
      for (int other = 0; other <= d; other++) {
        int to = (d * directions + other) * rows;
        addProducts(width, rows, codes, other * width * rows, products, 0, curvature, to);
        System.arraycopy(curvature, to, curvature, (other * directions + d) * rows, rows);
      }
    }
  }

  private static void addProducts(
      int width, int rows, float[] a, int aAt, float[] b, int bAt, double[] sums, int at) {
    for (int c = 0; c < width; c++) {
      for (int row = 0; row < rows; row++) {
        sums[at + row] += (double) a[aAt + c * rows + row] * b[bAt + c * rows + row];
      }
    }
  }

  /**
   * Finds new scales of a row, as they can be stored.
   *
   * @return whether they lower the error
   */
  private boolean step(
      RowGrids grids, int group, int row, int rows, int directions, float[] scales) {
    double[] step = new double[directions];
    if (!solve(row, rows, directions, step)) {
      return false;
    }
    for (int d = 0; d < directions; d++) {
      float old = grids.scale(group, d, row);
      scales[d] = grids.stored(group, d, row, old + step[d]);
      if (Float.isNaN(scales[d])) {
        return false;
      }
      step[d] = (double) scales[d] - old;
    }
    if (directions == 1 && scales[0] == 0) {
      return false;
    }
    double fall = 0;
    for (int d = 0; d < directions; d++) {
      double half = slope[d * rows + row];
      for (int e = 0; e < directions; e++) {
        half -= 0.5 * curvature[(d * directions + e) * rows + row] * step[e];
      }
      fall += 2 * step[d] * half;
    }
    return fall > 0;
  }

  /** Solves curvature * step = slope by elimination; a pivot of nothing leaves its step at zero. */
  private boolean solve(int row, int rows, int n, double[] step) {
    double[][] a = new double[n][n + 1];
    double largest = 0;
    for (int d = 0; d < n; d++) {
      for (int e = 0; e < n; e++) {
        a[d][e] = curvature[(d * n + e) * rows + row];
      }
      a[d][n] = slope[d * rows + row];
      largest = Math.max(largest, a[d][d]);
    }
    if (!(largest > 0)) {
      return false;
    }
    for (int d = 0; d < n; d++) {
      a[d][d] += 1e-6 * largest;
      for (int e = d + 1; e < n; e++) {
        double factor = a[e][d] / a[d][d];
        for (int f = d; f <= n; f++) {
          a[e][f] -= factor * a[d][f];
        }
      }
    }
    for (int d = n - 1; d >= 0; d--) {
      step[d] = a[d][n];
      for (int e = d + 1; e < n; e++) {
        step[d] -= a[d][e] * step[e];
      }
      step[d] /= a[d][d];
    }
    return true;
  }

  private void apply(RowBand band, int begin, int width, int row, float[] scales) {
    int rows = band.rows();
    for (int c = 0; c < width; c++) {
      float level = 0;
      for (int d = 0; d < scales.length; d++) {
        level += scales[d] * codes[(d * width + c) * rows + row];
      }
      int at = (begin + c) * rows + row;
      change[c * rows + row] = level - band.levels[at];
      band.levels[at] = level;
    }
  }
}
