package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.LatentAttention;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.function.RotaryEmbedding;
import java.util.Arrays;

/** Attention of one sequence with latent keys and values, in double, as the paper states it. */
final class NaiveLatentAttention {
  private final TestLatent config;
  private final LatentAttention operator;
  private final SublayerWeights weights;

  NaiveLatentAttention(TestLatent config, SublayerWeights weights) {
    this.config = config;
    this.weights = weights;
    operator = config.operator();
  }

  /** What enters the modules that make queries, (length, d or hidden). */
  double[][] queryLatents(double[][] x) {
    return operator.queryDown() == null
        ? x
        : norm(linear(x, operator.queryDown()), weights.gains(operator.queryNorm()));
  }

  /** What enters the module that makes keys and values, (length, c). */
  double[][] latents(double[][] x) {
    double[][] joint = linear(x, operator.keyValueDown());
    for (int t = 0; t < joint.length; t++) {
      joint[t] = Arrays.copyOf(joint[t], config.latent());
    }
    return norm(joint, weights.gains(operator.keyValueNorm()));
  }

  /** The heads' results side by side, (length, A v). */
  double[][] results(double[][] x) {
    double[][] queries = linear(queryLatents(x), operator.queryUp());
    double[][] joint = linear(x, operator.keyValueDown());
    double[][] expanded = linear(latents(x), operator.keyValueUp());
    double[][] results = new double[x.length][config.heads() * config.value()];
    for (int head = 0; head < config.heads(); head++) {
      int begin = head * (config.plain() + config.value());
      for (int t = 0; t < x.length; t++) {
        double[] query = query(queries[t], head, t);
        double[] probabilities = new double[t + 1];
        for (int s = 0; s <= t; s++) {
          double score = 0;
          for (int i = 0; i < config.plain(); i++) {
            score += query[i] * expanded[s][begin + i];
          }
          double[] shared = Arrays.copyOfRange(joint[s], config.latent(), joint[s].length);
          rotate(shared, s);
          for (int i = 0; i < shared.length; i++) {
            score += query[config.plain() + i] * shared[i];
          }
          probabilities[s] = Math.exp(score * config.scale());
        }
        double total = Arrays.stream(probabilities).sum();
        for (int s = 0; s <= t; s++) {
          for (int i = 0; i < config.value(); i++) {
            results[t][head * config.value() + i] +=
                probabilities[s] / total * expanded[s][begin + config.plain() + i];
          }
        }
      }
    }
    return results;
  }

  /** What the operator writes. */
  double[][] forward(double[][] x) {
    return linear(results(x), operator.output());
  }

  private double[] query(double[] row, int head, int position) {
    int size = config.querySize();
    double[] query = Arrays.copyOfRange(row, head * size, (head + 1) * size);
    double[] rotated = Arrays.copyOfRange(query, config.plain(), size);
    rotate(rotated, position);
    System.arraycopy(rotated, 0, query, config.plain(), rotated.length);
    return query;
  }

  private void rotate(double[] x, int position) {
    double[] frequencies = RotaryEmbedding.frequencies(config.rope());
    int half = x.length / 2;
    for (int i = 0; i < half; i++) {
      int a = config.rope().interleaved() ? 2 * i : i;
      int b = config.rope().interleaved() ? 2 * i + 1 : i + half;
      double radius = Math.hypot(x[a], x[b]) * config.rope().factor();
      double angle = Math.atan2(x[b], x[a]) + position * frequencies[i];
      x[a] = radius * Math.cos(angle);
      x[b] = radius * Math.sin(angle);
    }
  }

  private double[][] linear(double[][] x, Module module) {
    return NaiveBlock.linear(x, weights.linear(module));
  }

  private static double[][] norm(double[][] x, float[] gains) {
    double[][] y = new double[x.length][gains.length];
    for (int t = 0; t < x.length; t++) {
      double meanSquare = Arrays.stream(x[t]).map(e -> e * e).sum() / gains.length;
      for (int c = 0; c < gains.length; c++) {
        y[t][c] = x[t][c] / Math.sqrt(meanSquare + TestLatent.EPSILON) * gains[c];
      }
    }
    return y;
  }
}
