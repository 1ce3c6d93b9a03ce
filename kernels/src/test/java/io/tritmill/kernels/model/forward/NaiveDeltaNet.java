package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.DeltaNet;
import io.tritmill.kernels.model.DeltaNet.Rows;

/** A delta-net written down token by token, in double, one sequence. */
public final class NaiveDeltaNet {
  private final DeltaNet net;
  private final SublayerWeights weights;

  NaiveDeltaNet(DeltaNet net, SublayerWeights weights) {
    this.net = net;
    this.weights = weights;
  }

  /**
   * The gated delta rule of one head.
   *
   * @param q (tokens, keySize)
   * @param k likewise
   * @param v (tokens, valueSize)
   * @param strengths by token
   * @param decays likewise, logarithms
   */
  public static double[][] rule(
      double[][] q, double[][] k, double[][] v, double[] strengths, double[] decays) {
    int keys = q[0].length;
    int values = v[0].length;
    double[][] memory = new double[keys][values];
    double[][] results = new double[q.length][values];
    for (int t = 0; t < q.length; t++) {
      for (int c = 0; c < values; c++) {
        double kept = 0;
        for (int i = 0; i < keys; i++) {
          memory[i][c] *= Math.exp(decays[t]);
          kept += memory[i][c] * k[t][i];
        }
        for (int i = 0; i < keys; i++) {
          memory[i][c] += k[t][i] * strengths[t] * (v[t][c] - kept);
          results[t][c] += memory[i][c] * q[t][i];
        }
      }
    }
    return results;
  }

  /** What enters output. */
  double[][] results(double[][] x) {
    int tokens = x.length;
    int keys = net.keySize();
    int values = net.valueSize();
    double[][] all = new double[tokens][net.valueHeads() * values];
    for (int head = 0; head < net.valueHeads(); head++) {
      int keyHead = head / net.sharing();
      int within = head % net.sharing();
      double[][] q = new double[tokens][];
      double[][] k = new double[tokens][];
      double[][] v = new double[tokens][];
      double[] strengths = new double[tokens];
      double[] decays = new double[tokens];
      DeltaNet.Parts rows = net.rows();
      for (int t = 0; t < tokens; t++) {
        int channel = keyHead * keys;
        q[t] = unit(convolved(x, t, rows.query(), keyHead, 0, keys, channel), 1 / Math.sqrt(keys));
        channel += net.keyHeads() * keys;
        k[t] = unit(convolved(x, t, rows.key(), keyHead, 0, keys, channel), 1);
        channel = 2 * net.keyHeads() * keys + head * values;
        v[t] = convolved(x, t, rows.value(), keyHead, within * values, values, channel);
        strengths[t] = 1 / (1 + Math.exp(-projected(x[t], rows.strength(), keyHead, within)));
        double decay = projected(x[t], rows.decay(), keyHead, within);
        decays[t] =
            -Math.exp(weights.vector(net.rate())[head])
                * Math.log1p(Math.exp(decay + weights.vector(net.shift())[head]));
      }
      double[][] results = rule(q, k, v, strengths, decays);
      for (int t = 0; t < tokens; t++) {
        double square = 0;
        for (double one : results[t]) {
          square += one * one / values;
        }
        for (int c = 0; c < values; c++) {
          double z = projected(x[t], rows.gate(), keyHead, within * values + c);
          all[t][head * values + c] =
              results[t][c]
                  / Math.sqrt(square + net.norm().epsilon())
                  * weights.gains(net.norm())[c]
                  * silu(z);
        }
      }
    }
    return all;
  }

  private double projected(double[] x, Rows rows, int keyHead, int row) {
    float[] w = weights.flat(rows.tensor());
    double sum = 0;
    for (int c = 0; c < x.length; c++) {
      sum += x[c] * w[(rows.first() + keyHead * rows.step() + row) * x.length + c];
    }
    return sum;
  }

  private double[] convolved(
      double[][] x, int t, Rows rows, int keyHead, int first, int count, int channel) {
    float[] w = weights.flat(net.convolution());
    int width = net.convolution().columns();
    double[] y = new double[count];
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < width; j++) {
        int from = t - width + 1 + j;
        if (from >= 0) {
          y[i] += w[(channel + i) * width + j] * projected(x[from], rows, keyHead, first + i);
        }
      }
      y[i] = silu(y[i]);
    }
    return y;
  }

  private static double silu(double z) {
    return z / (1 + Math.exp(-z));
  }

  private static double[] unit(double[] x, double length) {
    double square = 1e-6;
    for (double one : x) {
      square += one * one;
    }
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = x[i] * length / Math.sqrt(square);
    }
    return y;
  }
}
