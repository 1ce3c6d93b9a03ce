package io.tritmill.kernels.model.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.model.forward.RandomModel;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NextTokenLossTest {
  @Test
  void twoTokensByHand() {
    float three = (float) Math.log(3);
    NextTokenLoss half = new NextTokenLoss(new int[] {0, NextTokenLoss.NO_LABEL});
    NextTokenLoss quarter = new NextTokenLoss(new int[] {0, NextTokenLoss.NO_LABEL});
    float[] even = {5, 5, 1, 2};
    float[] uneven = {-1, -1 + three, 1, 2};
    half.add(0, 2, 0, 2, even, uneven);
    quarter.add(0, 2, 0, 2, uneven);
    assertEquals(Math.log(2), half.negativeLogLikelihood(0), 1e-12);
    assertEquals(Math.log(4), quarter.negativeLogLikelihood(0), 1e-7);
    // 1/2 log((1/2) / (1/4)) + 1/2 log((1/2) / (3/4))
    assertEquals(0.5 * Math.log(2) + 0.5 * Math.log(2.0 / 3), half.divergence(0, quarter), 1e-7);
    assertEquals(0, half.negativeLogLikelihood(1));
    assertEquals(0, half.divergence(1, quarter));
    assertTrue(half.isMostLikely(0));
    assertFalse(quarter.isMostLikely(0));
    assertFalse(quarter.isMostLikely(1));
  }

  @Test
  void equalsTheDefinitionHoweverTheVocabularyIsCut() {
    Random random = new Random(3);
    int positions = 4;
    int vocabulary = 57;
    float[] p = RandomModel.gaussian(random, positions * vocabulary, 8);
    float[] q = RandomModel.gaussian(random, positions * vocabulary, 8);
    int[] labels = {3, NextTokenLoss.NO_LABEL, 56, 20};
    for (int band : new int[] {57, 1, 10, 56}) {
      NextTokenLoss baseline = new NextTokenLoss(labels);
      NextTokenLoss model = new NextTokenLoss(labels);
      for (int first = 0; first < vocabulary; first += band) {
        int width = Math.min(band, vocabulary - first);
        // Two positions at a time.
        for (int row = 0; row < positions; row += 2) {
          float[] pBand = cut(p, vocabulary, row, 2, first, width);
          float[] qBand = cut(q, vocabulary, row, 2, first, width);
          baseline.add(row, 2, first, width, pBand, qBand);
          model.add(row, 2, first, width, qBand);
        }
      }
      for (int row = 0; row < positions; row++) {
        if (labels[row] == NextTokenLoss.NO_LABEL) {
          assertEquals(0, baseline.negativeLogLikelihood(row));
          continue;
        }
        double[] logP = logSoftMax(p, row * vocabulary, vocabulary);
        double[] logQ = logSoftMax(q, row * vocabulary, vocabulary);
        double divergence = 0;
        for (int v = 0; v < vocabulary; v++) {
          divergence += Math.exp(logP[v]) * (logP[v] - logQ[v]);
        }
        assertEquals(-logP[labels[row]], baseline.negativeLogLikelihood(row), 1e-12);
        assertEquals(-logQ[labels[row]], model.negativeLogLikelihood(row), 1e-12);
        assertEquals(divergence, baseline.divergence(row, model), 1e-11);
      }
    }
  }

  @Test
  void aModelDoesNotDivergeFromItself() {
    float[] logits = RandomModel.gaussian(new Random(5), 300, 5);
    NextTokenLoss baseline = new NextTokenLoss(new int[] {1, 2, 3});
    NextTokenLoss model = new NextTokenLoss(new int[] {1, 2, 3});
    baseline.add(0, 3, 0, 100, logits, logits.clone());
    model.add(0, 3, 0, 100, logits);
    for (int position = 0; position < 3; position++) {
      assertEquals(0.0, baseline.divergence(position, model));
    }
  }

  @Test
  void nanIsNotHidden() {
    NextTokenLoss loss = new NextTokenLoss(new int[] {0});
    loss.add(0, 1, 0, 3, new float[] {1, Float.NaN, 2});
    assertTrue(Double.isNaN(loss.negativeLogLikelihood(0)));
  }

  private static float[] cut(float[] x, int width, int row, int rows, int first, int count) {
    float[] part = new float[rows * count];
    for (int r = 0; r < rows; r++) {
      System.arraycopy(x, (row + r) * width + first, part, r * count, count);
    }
    return part;
  }

  private static double[] logSoftMax(float[] logits, int at, int width) {
    double[] z = new double[width];
    for (int v = 0; v < width; v++) {
      z[v] = logits[at + v];
    }
    double total = Math.log(Arrays.stream(z).map(Math::exp).sum());
    return Arrays.stream(z).map(e -> e - total).toArray();
  }
}
