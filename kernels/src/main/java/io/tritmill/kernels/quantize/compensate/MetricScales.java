package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.quantize.band.RowBand;
import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.tensor.Transpose;

/**
 * The best scales of one group in J for integers that stay, row after row.
 *
 * <p>With c the integers of a row, the slope of its scale is c P and the curvature G_rr c H c'. A
 * step s of row r moves the slope of row t by -s G_rt c_r H c_t'. Scales are such as can be stored,
 * and a step is taken only if J falls.
 */
final class MetricScales {
  /** Rows whose products with all others are held at once. */
  private static final int HEIGHT = 64;

  private final MetricState state;

  MetricScales(MetricState state) {
    this.state = state;
  }

  /**
   * Refits one group of all rows.
   *
   * @param weighted gets the change of the levels times G, (group's columns, rows)
   * @return whether anything changed
   */
  boolean run(RowBand band, int group, float[] weighted) {
    if (band.grids.directions() > 1) {
      return false;
    }
    int k = band.columns();
    int rows = band.rows();
    int begin = group * band.groupWidth();
    int width = Math.min(band.groupWidth(), k - begin);
    float[] codes = new float[width * rows];
    double[] slope = new double[rows];
    for (int c = 0; c < width; c++) {
      int at = (begin + c) * rows;
      band.grids.codes(group, 0, band.levels, at, codes, c * rows);
      for (int row = 0; row < rows; row++) {
        slope[row] += (double) codes[c * rows + row] * state.gradient[at + row];
      }
    }
    float[] products = new float[width * rows]; // (H + lambda I) c'
    float[] gram = state.columns.gram().values();
    Gemm.multiply(
        width, rows, width, gram, begin * k + begin, k, codes, 0, rows, products, 0, rows);
    for (int i = 0; i < products.length; i++) {
      products[i] += state.damping * codes[i];
    }
    float[] steps = new float[rows];
    boolean any = steps(band, group, width, codes, products, slope, steps);
    if (any) {
      apply(band, group, begin, width, codes, steps, weighted);
    }
    return any;
  }

  private boolean steps(
      RowBand band,
      int group,
      int width,
      float[] codes,
      float[] products,
      double[] slope,
      float[] steps) {
    int rows = band.rows();
    float[] some = new float[HEIGHT * width];
    float[] crossed = new float[HEIGHT * rows];
    float[] scale = new float[1];
    boolean any = false;
    for (int row = 0; row < rows; row++) {
      int i = row % HEIGHT;
      if (i == 0) {
        int height = Math.min(HEIGHT, rows - row);
        Transpose.copy(width, height, codes, row, rows, some, 0, width);
        Gemm.multiply(height, rows, width, some, 0, width, products, 0, rows, crossed, 0, rows);
      }
      double curvature = (double) state.metric[row * rows + row] * crossed[i * rows + row];
      float old = band.grids.scale(group, 0, row);
      scale[0] =
          curvature > 0
              ? band.grids.stored(group, 0, row, old + slope[row] / curvature)
              : Float.NaN;
      if (Float.isNaN(scale[0])) {
        continue;
      }
      double step = (double) scale[0] - old;
      if (scale[0] == 0 || !(step * (2 * slope[row] - step * curvature) > 0)) {
        continue;
      }
      steps[row] = (float) step;
      band.grids.setScales(group, row, scale);
      any = true;
      for (int other = row + 1; other < rows; other++) {
        slope[other] -= step * state.metric[row * rows + other] * crossed[i * rows + other];
      }
    }
    return any;
  }

  private void apply(
      RowBand band,
      int group,
      int begin,
      int width,
      float[] codes,
      float[] steps,
      float[] weighted) {
    int rows = band.rows();
    float[] change = new float[width * rows];
    for (int c = 0; c < width; c++) {
      for (int row = 0; row < rows; row++) {
        if (steps[row] != 0) {
          int at = (begin + c) * rows + row;
          float level = band.grids.scale(group, 0, row) * codes[c * rows + row];
          change[c * rows + row] = level - band.levels[at];
          band.levels[at] = level;
        }
      }
    }
    state.weigh(width, change, 0, weighted, 0);
  }
}
