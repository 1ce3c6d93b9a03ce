package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.function.RotaryEmbedding;
import io.tritmill.kernels.model.loss.Jacobians;
import java.util.Arrays;

/** Attention of one sequence in double, from queries and keys before their rotation. */
public final class NaiveAttention {
  private final TestBlock config;
  private final int size;
  private final double[][] q;
  private final double[][] k;
  private final double[][] v;

  public NaiveAttention(TestBlock config, TestWeights weights, double[][] x) {
    this.config = config;
    size = config.headSize();
    double[][] normed = new NaiveBlock(config, weights).norm(x, weights.attentionNorm());
    q = NaiveBlock.linear(normed, weights.query());
    k = NaiveBlock.linear(normed, weights.key());
    v = NaiveBlock.linear(normed, weights.value());
  }

  private double[] head(double[] row, int head) {
    return Arrays.copyOfRange(row, head * size, (head + 1) * size);
  }

  private double[] rotate(double[] x, int position) {
    double[] frequencies = RotaryEmbedding.frequencies(config.rope());
    double[] y = new double[size];
    for (int i = 0; i < size / 2; i++) {
      double cosine = Math.cos(position * frequencies[i]);
      double sine = Math.sin(position * frequencies[i]);
      y[i] = x[i] * cosine - x[i + size / 2] * sine;
      y[i + size / 2] = x[i + size / 2] * cosine + x[i] * sine;
    }
    return y;
  }

  /** The result of a head for query t, with the key at one position replaced. */
  private double[] attend(int t, int head, double[] query, int replaced, double[] key) {
    int group = head / (config.heads() / config.keyValueHeads());
    double[] rotated = rotate(query, t);
    double[] result = new double[size];
    double total = 0;
    for (int s = firstVisible(t); s <= t; s++) {
      double[] other = rotate(s == replaced ? key : head(k[s], group), s);
      double score = 0;
      for (int i = 0; i < size; i++) {
        score += rotated[i] * other[i];
      }
      double weight = Math.exp(score / Math.sqrt(size));
      total += weight;
      for (int i = 0; i < size; i++) {
        result[i] += weight * v[s][group * size + i];
      }
    }
    double sum = total;
    return Arrays.stream(result).map(element -> element / sum).toArray();
  }

  private int firstVisible(int t) {
    return config.slidingWindow() == 0 ? 0 : Math.max(0, t - config.slidingWindow() + 1);
  }

  /** Adds J' b J of a head's result and its query at t to the head's columns. */
  public void addQuery(int t, int head, double[][] b, double[][] into) {
    double[][] jacobian =
        Jacobians.of(head(q[t], head), changed -> attend(t, head, changed, -1, null));
    Jacobians.addBent(1, jacobian, b, head * size, into);
  }

  /** Adds J' b J of a head's result at t and each key that it sees to the group's columns. */
  public void addKeys(int t, int head, double[][] b, double[][] into) {
    int group = head / (config.heads() / config.keyValueHeads());
    for (int s = firstVisible(t); s <= t; s++) {
      int position = s;
      double[][] jacobian =
          Jacobians.of(
              head(k[s], group), changed -> attend(t, head, head(q[t], head), position, changed));
      Jacobians.addBent(1, jacobian, b, group * size, into);
    }
  }
}
