package io.tritmill.kernels.model.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tritmill.kernels.model.forward.ForwardPassTest;
import io.tritmill.kernels.model.forward.NaiveBlock;
import io.tritmill.kernels.model.forward.RandomModel;
import io.tritmill.kernels.model.forward.TestBlock;
import io.tritmill.kernels.model.forward.TestPass;
import io.tritmill.kernels.model.forward.TestWeights;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AttentionConcentrationTest {
  private static final int HIDDEN = 24;
  private static final int HEADS = 4;
  private static final int SIZE = 6;
  // More than a tile of queries, and sequences that begin within what came before.
  private static final int[] LENGTHS = {130, 1, 7, 70};

  private final TestBlock config = ForwardPassTest.grouped();
  private final TestWeights weights = RandomModel.block(config, new Random(1));
  private final float[] x = RandomModel.gaussian(new Random(2), total() * HIDDEN, 1);

  @Test
  void sumsAreThoseOfTheProbabilitiesThatThePapersState() {
    AttentionConcentration seen = new AttentionConcentration(total());
    new TestPass(config, 130).attend(weights, x, LENGTHS, seen, config.outputSite());
    float[] sums = seen.sums();
    int begin = 0;
    for (int length : LENGTHS) {
      double[] expected = columnSums(begin, length);
      for (int t = 0; t < length; t++) {
        assertEquals(expected[t], sums[begin + t], 1e-4 * length);
      }
      begin += length;
    }
  }

  @Test
  void weightsGoFromTheLeastUpAndHaveAMeanOfOne() {
    float[] sums = {5, 1, 3, 2, 2};
    float[] found = AttentionConcentration.weights(sums, new int[] {3, 2}, 0.2);
    double mean = (1 + 0.2 + 0.6) / 3;
    float[] expected = {(float) (1 / mean), (float) (0.2 / mean), (float) (0.6 / mean), 1, 1};
    assertArrayEquals(expected, found, 1e-6f);
    assertArrayEquals(
        new float[] {1, 1, 1, 1, 1},
        AttentionConcentration.weights(sums, new int[] {3, 2}, 1),
        1e-6f);
  }

  /** Sums over heads and queries of causal soft-max attention, in double. */
  private double[] columnSums(int begin, int length) {
    double[][] rows = new double[length][HIDDEN];
    for (int i = 0; i < length * HIDDEN; i++) {
      rows[i / HIDDEN][i % HIDDEN] = x[begin * HIDDEN + i];
    }
    NaiveBlock naive = new NaiveBlock(config, weights);
    double[][] normed = naive.norm(rows, weights.attentionNorm());
    double[][] q = naive.rotate(NaiveBlock.linear(normed, weights.query()));
    double[][] k = naive.rotate(NaiveBlock.linear(normed, weights.key()));
    double[] sums = new double[length];
    for (int head = 0; head < HEADS; head++) {
      int shared = head * config.keyValueHeads() / HEADS;
      for (int t = 0; t < length; t++) {
        double[] probability = new double[t + 1];
        for (int s = 0; s <= t; s++) {
          for (int i = 0; i < SIZE; i++) {
            probability[s] += q[t][head * SIZE + i] * k[s][shared * SIZE + i] / Math.sqrt(SIZE);
          }
          probability[s] = Math.exp(probability[s]);
        }
        double all = Arrays.stream(probability).sum();
        for (int s = 0; s <= t; s++) {
          sums[s] += probability[s] / all;
        }
      }
    }
    return sums;
  }

  private static int total() {
    return Arrays.stream(LENGTHS).sum();
  }
}
