package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.tensor.Matrix;

/**
 * GPTQ in double as its equations stand: the inverse of the matrix of the columns still open,
 * computed anew for every column.
 */
final class PlainGptq {
  private PlainGptq() {}

  /**
   * @param order columns in the order in which they are taken
   * @param fitAsReached whether grids are fitted to the weights as moved
   * @return levels, (rows, columns)
   */
  static double[] levels(
      Matrix weight,
      Matrix gram,
      double damp,
      int[] order,
      boolean fitAsReached,
      Quantizer rounding) {
    int k = weight.columns();
    double[] w = new double[weight.values().length];
    for (int i = 0; i < w.length; i++) {
      w[i] = weight.values()[i];
    }
    int width = rounding.levels().group().width(k);
    float[][] scales = new float[Math.ceilDiv(k, width)][];
    for (int group = 0; group < scales.length; group++) {
      scales[group] = fit(w, weight.rows(), k, group, width, rounding);
    }
    double[] levels = new double[w.length];
    for (int step = 0; step < k; step++) {
      int j = order[step];
      int group = j / width;
      if (fitAsReached && j % width == 0) {
        scales[group] = fit(w, weight.rows(), k, group, width, rounding);
      }
      double[][] inverse = inverseOfOpen(gram, damp, order, step);
      for (int row = 0; row < weight.rows(); row++) {
        double level = nearest(w[row * k + j], scales[group], row, (PlaneLayout) rounding.levels());
        levels[row * k + j] = level;
        double error = (w[row * k + j] - level) / inverse[0][0];
        for (int later = 1; later < k - step; later++) {
          w[row * k + order[step + later]] -= error * inverse[0][later];
        }
      }
    }
    return levels;
  }

  private static float[] fit(
      double[] w, int rows, int k, int group, int width, Quantizer rounding) {
    int begin = group * width;
    int columns = Math.min(width, k - begin);
    Matrix slice = Matrix.zeros(rows, columns);
    for (int row = 0; row < rows; row++) {
      for (int c = 0; c < columns; c++) {
        slice.values()[row * columns + c] = (float) w[row * k + begin + c];
      }
    }
    return rounding.quantize(slice).planes().scales();
  }

  /** The nearest sum of scales times trits; of equally near ones that of least magnitude. */
  static double nearest(double w, float[] scales, int row, PlaneLayout layout) {
    int codes = (int) Math.pow(3, layout.planes());
    double best = 0;
    for (int code = 0; code < codes; code++) {
      double level = 0;
      for (int plane = 0, rest = code; plane < layout.planes(); plane++, rest /= 3) {
        float scale =
            layout.tied()
                ? scales[row] * layout.factor(plane)
                : scales[row * layout.planes() + plane];
        level += scale * (rest % 3 - 1);
      }
      if (Math.abs(w - level) < Math.abs(w - best)) {
        best = level;
      }
    }
    return best;
  }

  private static double[][] inverseOfOpen(Matrix gram, double damp, int[] order, int step) {
    int k = gram.rows();
    double mean = 0;
    for (int i = 0; i < k; i++) {
      mean += gram.values()[i * k + i] / (double) k;
    }
    int n = k - step;
    double[][] h = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        h[i][j] = gram.values()[order[step + i] * k + order[step + j]];
      }
      h[i][i] += damp * mean;
    }
    return inverse(h);
  }

  /** Gauss-Jordan elimination of a positive definite matrix. */
  static double[][] inverse(double[][] h) {
    int n = h.length;
    double[][] inverse = new double[n][n];
    for (int i = 0; i < n; i++) {
      inverse[i][i] = 1;
    }
    for (int p = 0; p < n; p++) {
      double pivot = h[p][p];
      for (int j = 0; j < n; j++) {
        h[p][j] /= pivot;
        inverse[p][j] /= pivot;
      }
      for (int i = 0; i < n; i++) {
        double factor = h[i][p];
        for (int j = 0; i != p && j < n; j++) {
          h[i][j] -= factor * h[p][j];
          inverse[i][j] -= factor * inverse[p][j];
        }
      }
    }
    return inverse;
  }
}
