package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.code.StoredScale;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.tensor.Matrix;

/** Solvers that know an output metric, in double, as their equations stand. */
final class PlainMetric {
  private PlainMetric() {}

  /** Compensation with the Kronecker product of both matrices, column after column of all rows. */
  static double[] feedback(
      Matrix weight,
      Matrix gram,
      double damp,
      Matrix metric,
      double metricDamp,
      Quantizer rounding) {
    int k = weight.columns();
    int rows = weight.rows();
    double[][] h = damped(gram, damp);
    double[][] g = damped(metric, metricDamp);
    double[] w = new double[rows * k];
    for (int i = 0; i < w.length; i++) {
      w[i] = weight.values()[i];
    }
    int width = rounding.levels().group().width(k);
    float[] scales = null;
    double[] levels = new double[w.length];
    for (int step = 0; step < k * rows; step++) {
      int j = step / rows;
      int row = step % rows;
      if (row == 0 && j % width == 0) {
        scales = fit(w, rows, k, j, Math.min(width, k - j), rounding);
      }
      int open = k * rows - step;
      double[][] hessian = new double[open][open];
      for (int a = 0; a < open; a++) {
        for (int b = 0; b < open; b++) {
          hessian[a][b] =
              h[(step + a) / rows][(step + b) / rows] * g[(step + a) % rows][(step + b) % rows];
        }
      }
      double[][] inverse = PlainGptq.inverse(hessian);
      levels[row * k + j] =
          PlainGptq.nearest(w[row * k + j], scales, row, (PlaneLayout) rounding.levels());
      double error = (w[row * k + j] - levels[row * k + j]) / inverse[0][0];
      for (int later = 1; later < open; later++) {
        int to = step + later;
        w[to % rows * k + to / rows] -= error * inverse[0][later];
      }
    }
    return levels;
  }

  private static float[] fit(
      double[] w, int rows, int k, int begin, int width, Quantizer rounding) {
    Matrix slice = Matrix.zeros(rows, width);
    for (int row = 0; row < rows; row++) {
      for (int c = 0; c < width; c++) {
        slice.values()[row * width + c] = (float) w[row * k + begin + c];
      }
    }
    return rounding.quantize(slice).planes().scales();
  }

  /**
   * Sweeps over two tied planes with a scale step of every row after each group, then one without.
   */
  static double[] descent(
      Matrix weight,
      Matrix gram,
      double damp,
      Matrix metric,
      double metricDamp,
      TritPlanes start,
      int sweeps) {
    int k = weight.columns();
    int rows = weight.rows();
    int width = start.layout().group().width(k);
    double[][] h = damped(gram, damp);
    double[][] g = damped(metric, metricDamp);
    double[][] codes = new double[rows][k];
    double[][] scales = new double[rows][Math.ceilDiv(k, width)];
    for (int row = 0; row < rows; row++) {
      for (int j = 0; j < k; j++) {
        codes[row][j] = 3 * start.trits()[0][row * k + j] + start.trits()[1][row * k + j];
        scales[row][j / width] = start.scale(row, j / width, 1);
      }
    }
    for (int sweep = 0; sweep <= sweeps; sweep++) {
      for (int j = 0; j < k; j++) {
        for (int row = 0; row < rows; row++) {
          double scale = scales[row][j / width];
          double p = slope(weight, codes, scales, width, h, g, row, j);
          double tau = codes[row][j] * scale + p / (g[row][row] * h[j][j]);
          double code = Math.clamp(Math.rint(tau / scale), -4.0, 4.0);
          if (Math.abs(tau - code * scale) < Math.abs(tau - codes[row][j] * scale)) {
            codes[row][j] = code;
          }
        }
        boolean last = j == k - 1 || (j + 1) % width == 0;
        for (int row = 0; last && sweep < sweeps && row < rows; row++) {
          refit(weight, codes, scales, width, h, g, row, j / width);
        }
      }
    }
    double[] levels = new double[rows * k];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = codes[i / k][i % k] * scales[i / k][i % k / width];
    }
    return levels;
  }

  private static void refit(
      Matrix weight,
      double[][] codes,
      double[][] scales,
      int width,
      double[][] h,
      double[][] g,
      int row,
      int group) {
    int end = Math.min(weight.columns(), (group + 1) * width);
    double above = 0;
    double below = 0;
    for (int i = group * width; i < end; i++) {
      above += codes[row][i] * slope(weight, codes, scales, width, h, g, row, i);
      for (int j = group * width; j < end; j++) {
        below += g[row][row] * codes[row][i] * h[i][j] * codes[row][j];
      }
    }
    double wanted = scales[row][group] + above / below;
    if (below > 0 && wanted > 0) {
      double step = StoredScale.of(wanted, 0) - scales[row][group];
      scales[row][group] += step * (2 * above - step * below) > 0 ? step : 0;
    }
  }

  private static double slope(
      Matrix weight,
      double[][] codes,
      double[][] scales,
      int width,
      double[][] h,
      double[][] g,
      int row,
      int column) {
    double sum = 0;
    for (int r = 0; r < g.length; r++) {
      for (int j = 0; j < h.length; j++) {
        double error = weight.values()[r * h.length + j] - codes[r][j] * scales[r][j / width];
        sum += g[row][r] * error * h[j][column];
      }
    }
    return sum;
  }

  /** J with both matrices damped. */
  static double damage(
      Matrix weight,
      Matrix gram,
      double damp,
      Matrix metric,
      double metricDamp,
      TritPlanes planes) {
    int k = weight.columns();
    int rows = weight.rows();
    double[][] h = damped(gram, damp);
    double[][] g = damped(metric, metricDamp);
    float[] decoded = new float[rows * k];
    planes.decode(0, rows, decoded, 0);
    double[][] product = new double[rows][k]; // E H
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < k; i++) {
        double error = (double) weight.values()[row * k + i] - decoded[row * k + i];
        for (int j = 0; j < k; j++) {
          product[row][j] += error * h[i][j];
        }
      }
    }
    double sum = 0;
    for (int row = 0; row < rows; row++) {
      for (int other = 0; other < rows; other++) {
        double dot = 0;
        for (int j = 0; j < k; j++) {
          dot +=
              product[row][j] * ((double) weight.values()[other * k + j] - decoded[other * k + j]);
        }
        sum += g[row][other] * dot;
      }
    }
    return sum / 2;
  }

  private static double[][] damped(Matrix matrix, double damp) {
    int n = matrix.rows();
    double mean = 0;
    for (int i = 0; i < n; i++) {
      mean += matrix.values()[i * n + i] / (double) n;
    }
    double[][] damped = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        damped[i][j] = matrix.values()[i * n + j] + (i == j ? damp * mean : 0);
      }
    }
    return damped;
  }
}
