package io.tritmill.kernels.model.loss;

import io.tritmill.kernels.model.function.Exponential;
import java.util.Arrays;

/**
 * What a model's next-token distributions cost: negative log-likelihood of labels, and divergence
 * from another model's distributions, gathered over bands of the vocabulary.
 *
 * <p>With z the logits and m their maximum so far, each position keeps s = sum e^(z - m) and, where
 * another model's logits z' come along, d = sum e^(z - m) (z - z'); both are rescaled when m grows.
 * At the end log-sum-exp = m + log s, and KL(p || p') = d / s - log-sum-exp + log-sum-exp'. All of
 * it in double, natural logarithms. A position's numbers depend on no other position, and on the
 * machine in no bit.
 */
public final class NextTokenLoss {
  /** The label of a position that predicts nothing. */
  public static final int NO_LABEL = -1;

  private final int[] labels;
  private final double[] max;
  private final double[] sum;
  private final double[] difference;
  private final double[] labelLogit;
  private double[] exponentials = {}; // (width)
  private double[] powers = {}; // (width)

  /**
   * @param labels the token that follows each position, or {@link #NO_LABEL}
   */
  public NextTokenLoss(int[] labels) {
    this.labels = labels;
    max = new double[labels.length];
    Arrays.fill(max, Double.NEGATIVE_INFINITY);
    sum = new double[labels.length];
    difference = new double[labels.length];
    labelLogit = new double[labels.length];
  }

  /**
   * Takes the logits of one band of the vocabulary.
   *
   * @param first the first position
   * @param positions rows
   * @param firstToken the token of column 0
   * @param width tokens in the band
   * @param logits (positions, width)
   */
  public void add(int first, int positions, int firstToken, int width, float[] logits) {
    for (int row = 0; row < positions; row++) {
      if (labels[first + row] != NO_LABEL) {
        weigh(first + row, firstToken, width, logits, row * width);
      }
    }
  }

  /**
   * Takes the logits of one band of the vocabulary and those of the model to diverge from.
   *
   * @param other (positions, width)
   */
  public void add(
      int first, int positions, int firstToken, int width, float[] logits, float[] other) {
    for (int row = 0; row < positions; row++) {
      if (labels[first + row] != NO_LABEL) {
        weigh(first + row, firstToken, width, logits, row * width);
        difference[first + row] += weightedDifference(width, logits, other, row * width);
      }
    }
  }

  /** -log p(label), 0 where there is none; once every band was added. */
  public double negativeLogLikelihood(int position) {
    return labels[position] == NO_LABEL ? 0 : logSumExp(position) - labelLogit[position];
  }

  /** Whether no token is more likely than the label; once every band was added. */
  public boolean isMostLikely(int position) {
    return labels[position] != NO_LABEL && labelLogit[position] == max[position];
  }

  /** KL(p || p') in nats, 0 where there is no label; p' is that of the other logits. */
  public double divergence(int position, NextTokenLoss other) {
    return labels[position] == NO_LABEL
        ? 0
        : difference[position] / sum[position] - logSumExp(position) + other.logSumExp(position);
  }

  /** log sum e^z over the bands that were added. */
  double logSumExp(int position) {
    return max[position] + StrictMath.log(sum[position]);
  }

  /** Adds a row to max, sum and labelLogit; leaves e^(z - max) in exponentials. */
  private void weigh(int position, int firstToken, int width, float[] logits, int at) {
    if (exponentials.length < width) {
      exponentials = new double[width];
      powers = new double[width];
    }
    float highest = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < width; i++) {
      highest = Math.max(highest, logits[at + i]);
    }
    if (!(highest <= max[position])) {
      double shrink = StrictMath.exp(max[position] - highest);
      sum[position] *= shrink;
      difference[position] *= shrink;
      max[position] = highest;
    }
    double shift = max[position];
    for (int i = 0; i < width; i++) {
      exponentials[i] = logits[at + i] - shift;
    }
    Exponential.exp(exponentials, width, powers);
    sum[position] += sumOf(width);
    int label = labels[position] - firstToken;
    if (label >= 0 && label < width) {
      labelLogit[position] = logits[at + label];
    }
  }

  // Four chains each, so that the sums do not wait for one another.

  private double sumOf(int width) {
    double[] e = exponentials;
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i + 4 <= width; i += 4) {
      a += e[i];
      b += e[i + 1];
      c += e[i + 2];
      d += e[i + 3];
    }
    for (; i < width; i++) {
      a += e[i];
    }
    return a + b + (c + d);
  }

  private double weightedDifference(int width, float[] z, float[] other, int at) {
    double[] e = exponentials;
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i + 4 <= width; i += 4) {
      int j = at + i;
      a += e[i] * ((double) z[j] - other[j]);
      b += e[i + 1] * ((double) z[j + 1] - other[j + 1]);
      c += e[i + 2] * ((double) z[j + 2] - other[j + 2]);
      d += e[i + 3] * ((double) z[j + 3] - other[j + 3]);
    }
    for (; i < width; i++) {
      a += e[i] * ((double) z[at + i] - other[at + i]);
    }
    return a + b + (c + d);
  }
}
