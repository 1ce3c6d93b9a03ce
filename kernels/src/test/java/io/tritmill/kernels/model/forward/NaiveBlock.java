package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.function.RotaryEmbedding;
import java.util.Arrays;

/**
 * A transformer block written down as the papers state it, in double, one sequence, no tiles: what
 * {@link TestPass} is held against.
 */
public final class NaiveBlock {
  private final TestBlock config;
  private final TestWeights weights;

  public NaiveBlock(TestBlock config, TestWeights weights) {
    this.config = config;
    this.weights = weights;
  }

  /** x is (length, hidden). */
  double[][] forward(double[][] x) {
    double[][] attended = attention(norm(x, weights.attentionNorm()));
    double[][] y = sum(x, linear(attended, weights.output()));
    double[][] m = norm(y, weights.feedForwardNorm());
    double[][] gate = linear(m, weights.gate());
    double[][] up = linear(m, weights.up());
    for (int t = 0; t < gate.length; t++) {
      for (int i = 0; i < gate[t].length; i++) {
        gate[t][i] = gate[t][i] / (1 + Math.exp(-gate[t][i])) * up[t][i];
      }
    }
    return sum(y, linear(gate, weights.down()));
  }

  /** The heads' results, side by side. */
  double[][] attention(double[][] normed) {
    int size = config.headSize();
    double[][] q = rotate(linear(normed, weights.query()));
    double[][] k = rotate(linear(normed, weights.key()));
    double[][] v = linear(normed, weights.value());
    double[][] result = new double[normed.length][config.heads() * size];
    for (int t = 0; t < normed.length; t++) {
      for (int head = 0; head < config.heads(); head++) {
        int shared = head * config.keyValueHeads() / config.heads();
        double[] probability = new double[t + 1];
        double total = 0;
        for (int s = 0; s <= t; s++) {
          if (config.slidingWindow() > 0 && t - s >= config.slidingWindow()) {
            continue;
          }
          double score = 0;
          for (int i = 0; i < size; i++) {
            score += q[t][head * size + i] * k[s][shared * size + i];
          }
          probability[s] = Math.exp(score / Math.sqrt(size));
          total += probability[s];
        }
        for (int s = 0; s <= t; s++) {
          for (int i = 0; i < size; i++) {
            result[t][head * size + i] += probability[s] / total * v[s][shared * size + i];
          }
        }
      }
    }
    return result;
  }

  public double[][] norm(double[][] x, float[] gain) {
    double[][] y = new double[x.length][gain.length];
    for (int t = 0; t < x.length; t++) {
      double meanSquare = Arrays.stream(x[t]).map(e -> e * e).sum() / gain.length;
      for (int c = 0; c < gain.length; c++) {
        y[t][c] = x[t][c] / Math.sqrt(meanSquare + config.normEpsilon()) * gain[c];
      }
    }
    return y;
  }

  public static double[][] linear(double[][] x, Linear module) {
    int rows = module.weight().rows();
    int columns = module.weight().columns();
    float[] w = new float[rows * columns];
    module.weight().decode(0, rows, w, 0);
    double[][] y = new double[x.length][rows];
    for (int t = 0; t < x.length; t++) {
      for (int r = 0; r < rows; r++) {
        y[t][r] = module.bias().length > 0 ? module.bias()[r] : 0;
        for (int c = 0; c < columns; c++) {
          y[t][r] += x[t][c] * w[r * columns + c];
        }
      }
    }
    return y;
  }

  /** Each pair as a complex number times e^(i angle). */
  public double[][] rotate(double[][] x) {
    int size = config.headSize();
    double[] frequencies = RotaryEmbedding.frequencies(config.rope());
    double[][] y = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      y[t] = x[t].clone();
      for (int head = 0; head < x[t].length / size; head++) {
        for (int i = 0; i < size / 2; i++) {
          double radius = Math.hypot(x[t][head * size + i], x[t][head * size + size / 2 + i]);
          double angle =
              Math.atan2(x[t][head * size + size / 2 + i], x[t][head * size + i])
                  + t * frequencies[i];
          y[t][head * size + i] = radius * Math.cos(angle);
          y[t][head * size + size / 2 + i] = radius * Math.sin(angle);
        }
      }
    }
    return y;
  }

  private static double[][] sum(double[][] a, double[][] b) {
    double[][] total = new double[a.length][a[0].length];
    for (int t = 0; t < a.length; t++) {
      for (int c = 0; c < a[t].length; c++) {
        total[t][c] = a[t][c] + b[t][c];
      }
    }
    return total;
  }
}
