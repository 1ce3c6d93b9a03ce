package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.code.StoredScale;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.tensor.Matrix;

/**
 * Coordinate descent on tied codes and their scales in double, the error computed anew each time.
 */
final class PlainDescent {
  private PlainDescent() {}

  /**
   * Sweeps with a scale step after each group, and one without.
   *
   * @param start codes and scales to begin with
   * @return levels, (rows, columns)
   */
  static double[] levels(Matrix weight, Matrix h, int sweeps, TritPlanes start) {
    int k = weight.columns();
    int width = start.layout().group().width(k);
    int top = start.layout().planes() == 1 ? 1 : start.layout().planes() == 2 ? 4 : 13;
    double[] levels = new double[weight.values().length];
    for (int row = 0; row < weight.rows(); row++) {
      double[] w = new double[k];
      double[] codes = new double[k];
      double[] scales = new double[Math.ceilDiv(k, width)];
      for (int j = 0; j < k; j++) {
        w[j] = weight.values()[row * k + j];
        scales[j / width] = start.scale(row, j / width, start.layout().planes() - 1);
        for (int plane = 0; plane < start.layout().planes(); plane++) {
          codes[j] += start.layout().factor(plane) * start.trits()[plane][row * k + j];
        }
      }
      for (int sweep = 0; sweep <= sweeps; sweep++) {
        for (int j = 0; j < k; j++) {
          int g = j / width;
          double tau = codes[j] * scales[g] + slope(w, codes, scales, width, h, j) / h(h, j, j);
          double code = Math.clamp(Math.rint(tau / scales[g]), -top, top);
          if (Math.abs(tau - code * scales[g]) < Math.abs(tau - codes[j] * scales[g])) {
            codes[j] = code;
          }
          if (sweep < sweeps && (j == k - 1 || (j + 1) / width > g)) {
            refit(w, codes, scales, width, h, g);
          }
        }
      }
      for (int j = 0; j < k; j++) {
        levels[row * k + j] = codes[j] * scales[j / width];
      }
    }
    return levels;
  }

  private static double h(Matrix h, int i, int j) {
    return h.values()[i * h.columns() + j];
  }

  private static double slope(
      double[] w, double[] codes, double[] scales, int width, Matrix h, int j) {
    double sum = 0;
    for (int i = 0; i < w.length; i++) {
      sum += h(h, j, i) * (w[i] - codes[i] * scales[i / width]);
    }
    return sum;
  }

  private static void refit(
      double[] w, double[] codes, double[] scales, int width, Matrix h, int g) {
    int end = Math.min(w.length, (g + 1) * width);
    double above = 0;
    double below = 0;
    for (int i = g * width; i < end; i++) {
      above += codes[i] * slope(w, codes, scales, width, h, i);
      for (int j = g * width; j < end; j++) {
        below += codes[i] * h(h, i, j) * codes[j];
      }
    }
    double wanted = scales[g] + above / below;
    if (below > 0 && wanted > 0) {
      double step = StoredScale.of(wanted, 0) - scales[g];
      scales[g] += step * (2 * above - step * below) > 0 ? step : 0;
    }
  }
}
