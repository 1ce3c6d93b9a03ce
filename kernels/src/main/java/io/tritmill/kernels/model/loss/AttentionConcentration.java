package io.tritmill.kernels.model.loss;

import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.forward.AttentionTile;
import io.tritmill.kernels.model.forward.Taps;
import java.util.Arrays;

/**
 * The attention that each token gets in a block: s_j = sum over heads h and queries i of A_h[i, j]
 * (arXiv:2503.01820, attention concentration).
 *
 * <p>Taps a block while it runs over some sequences. Sums are in double, in the order of the tiles.
 */
public final class AttentionConcentration implements Taps {
  private final double[] sums;
  private int sequence; // where the sequence at hand begins
  private int next; // where the one after it begins

  /**
   * Nothing seen yet.
   *
   * @param tokens of all sequences
   */
  public AttentionConcentration(int tokens) {
    sums = new double[tokens];
  }

  @Override
  public void see(Site site, int tokens, int columns, float[] inputs) {}

  @Override
  public void seeAttention(AttentionTile tile) {
    if (tile.firstQuery() == 0 && tile.head() == 0) {
      sequence = next;
      next += tile.length();
    }
    int first = sequence + tile.firstKey();
    for (int query = 0; query < tile.queries(); query++) {
      int row = query * tile.keys();
      for (int key = 0; key < tile.keys(); key++) {
        sums[first + key] += tile.probabilities()[row + key];
      }
    }
  }

  /** s of every token, rounded to float. */
  public float[] sums() {
    float[] rounded = new float[sums.length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = (float) sums[i];
    }
    return rounded;
  }

  /**
   * Weights from least to 1 in proportion to s, divided by their mean over the sequence; all 1
   * where s is the same everywhere.
   *
   * @param sums s of every token
   * @param lengths tokens of each sequence
   * @param least weight of the token with the least s before the division, above 0 and at most 1
   */
  public static float[] weights(float[] sums, int[] lengths, double least) {
    float[] weights = new float[sums.length];
    int begin = 0;
    for (int length : lengths) {
      weigh(sums, begin, begin + length, least, weights);
      begin += length;
    }
    return weights;
  }

  private static void weigh(float[] sums, int begin, int end, double least, float[] weights) {
    double lowest = Double.POSITIVE_INFINITY;
    double highest = Double.NEGATIVE_INFINITY;
    for (int i = begin; i < end; i++) {
      lowest = Math.min(lowest, sums[i]);
      highest = Math.max(highest, sums[i]);
    }
    if (!(highest > lowest)) {
      Arrays.fill(weights, begin, end, 1);
      return;
    }
    double[] relative = new double[end - begin];
    double total = 0;
    for (int i = begin; i < end; i++) {
      relative[i - begin] = least + (1 - least) * (sums[i] - lowest) / (highest - lowest);
      total += relative[i - begin];
    }
    for (int i = begin; i < end; i++) {
      weights[i] = (float) (relative[i - begin] * (end - begin) / total);
    }
  }
}
