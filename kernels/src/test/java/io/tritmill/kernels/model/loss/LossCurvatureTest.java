package io.tritmill.kernels.model.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.linalg.Gram;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Norm;
import io.tritmill.kernels.model.forward.RandomModel;
import io.tritmill.kernels.model.forward.TestBlock;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LossCurvatureTest {
  private static final int VOCABULARY = 29;
  private static final int HIDDEN = 11;
  private static final long SEED = 5;

  private final Random random = new Random(41);
  private final float[] gains = RandomModel.gains(random, HIDDEN);
  private final float[] head = RandomModel.gaussian(random, VOCABULARY * HIDDEN, 0.7);

  private Norm.Kind kind = Norm.Kind.RMS;

  private static TestBlock config() {
    return TestBlock.head(VOCABULARY, HIDDEN, 1e-2f);
  }

  private Architecture architecture() {
    Architecture model = config().architecture();
    Norm norm = model.finalNorm();
    return new Architecture(
        model.modelType(),
        model.vocabulary(),
        model.hidden(),
        model.maxPositions(),
        model.bosToken(),
        model.embedding(),
        model.embeddingScale(),
        model.sublayers(),
        new Norm(kind, norm.weight(), norm.onePlus(), norm.epsilon()),
        model.head(),
        model.logitScale(),
        model.logitSoftCap());
  }

  private Gram curvature(int tokens, float[] x, long firstToken, int band) {
    LossCurvature curvature = new LossCurvature(architecture(), gains, tokens, x, SEED, firstToken);
    for (int first = 0; first < VOCABULARY; first += band) {
      int width = Math.min(band, VOCABULARY - first);
      curvature.weigh(first, width, rows(first, width));
    }
    for (int first = 0; first < VOCABULARY; first += band) {
      int width = Math.min(band, VOCABULARY - first);
      curvature.differentiate(first, width, rows(first, width));
    }
    return curvature.finish();
  }

  private float[] rows(int first, int count) {
    return Arrays.copyOfRange(head, first * HIDDEN, (first + count) * HIDDEN);
  }

  private double[] logProbabilities(double[] stream) {
    double mean = kind == Norm.Kind.RMS ? 0 : Arrays.stream(stream).average().orElseThrow();
    double[] x = Arrays.stream(stream).map(v -> v - mean).toArray();
    double square = Arrays.stream(x).map(v -> v * v).sum() / HIDDEN;
    double[] z = new double[VOCABULARY];
    for (int v = 0; v < VOCABULARY; v++) {
      for (int c = 0; c < HIDDEN; c++) {
        z[v] += head[v * HIDDEN + c] * gains[c] * x[c] / Math.sqrt(square + config().normEpsilon());
      }
    }
    double logSumExp = Math.log(Arrays.stream(z).map(Math::exp).sum());
    return Arrays.stream(z).map(logit -> logit - logSumExp).toArray();
  }

  /** d(-log p_label) / dx by central differences. */
  private double[] gradient(double[] x, int label) {
    double step = 1e-5;
    double[] gradient = new double[HIDDEN];
    for (int c = 0; c < HIDDEN; c++) {
      double[] more = x.clone();
      double[] less = x.clone();
      more[c] += step;
      less[c] -= step;
      gradient[c] = (logProbabilities(less)[label] - logProbabilities(more)[label]) / (2 * step);
    }
    return gradient;
  }

  private static void addSquare(double weight, double[] g, double[][] into) {
    for (int i = 0; i < HIDDEN; i++) {
      for (int j = 0; j < HIDDEN; j++) {
        into[i][j] += weight * g[i] * g[j];
      }
    }
  }

  private static double[] token(float[] x, int t) {
    double[] row = new double[HIDDEN];
    for (int c = 0; c < HIDDEN; c++) {
      row[c] = x[t * HIDDEN + c];
    }
    return row;
  }

  private static void assertClose(double[][] expected, Gram found, double factor, double share) {
    double scale =
        Arrays.stream(expected)
            .mapToDouble(row -> Arrays.stream(row).max().orElseThrow())
            .max()
            .orElseThrow();
    float[] values = found.toMatrix(factor).values();
    for (int i = 0; i < HIDDEN; i++) {
      for (int j = 0; j < HIDDEN; j++) {
        assertEquals(expected[i][j], values[i * HIDDEN + j], share * scale, i + ", " + j);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void isTheSquareOfTheNumericalGradientOfDrawnLabels(Norm.Kind finalNorm) {
    kind = finalNorm;
    int tokens = 300;
    float[] x = RandomModel.gaussian(random, tokens * HIDDEN, 1.3);
    double[][] expected = new double[HIDDEN][HIDDEN];
    for (int t = 0; t < tokens; t++) {
      double[] row = token(x, t);
      double[] logProbabilities = logProbabilities(row);
      int label = 0;
      double passed = Math.exp(logProbabilities[0]);
      while (passed <= LossCurvature.uniform(SEED, 7 + t)) {
        passed += Math.exp(logProbabilities[++label]);
      }
      addSquare(1, gradient(row, label), expected);
    }
    assertClose(expected, curvature(tokens, x, 7, VOCABULARY), 1, 1e-5);
    assertClose(expected, curvature(tokens, x, 7, 10), 1, 1e-5);
  }

  @Test
  void tendsToTheExpectationOverTheModelsOwnLabels() {
    int tokens = 40_000;
    float[] one = RandomModel.gaussian(random, HIDDEN, 1);
    float[] x = new float[tokens * HIDDEN];
    for (int t = 0; t < tokens; t++) {
      System.arraycopy(one, 0, x, t * HIDDEN, HIDDEN);
    }
    double[] row = token(x, 0);
    double[] logProbabilities = logProbabilities(row);
    double[][] expected = new double[HIDDEN][HIDDEN];
    for (int label = 0; label < VOCABULARY; label++) {
      addSquare(Math.exp(logProbabilities[label]), gradient(row, label), expected);
    }
    assertClose(expected, curvature(tokens, x, 0, 8), 1.0 / tokens, 0.03);
  }

  @Test
  void chunksDrawTheLabelsOfTheWhole() {
    int tokens = 100;
    float[] x = RandomModel.gaussian(random, tokens * HIDDEN, 1);
    Gram whole = curvature(tokens, x, 0, 16);
    Gram sum = curvature(64, x, 0, 16);
    sum.add(curvature(36, Arrays.copyOfRange(x, 64 * HIDDEN, tokens * HIDDEN), 64, 16));
    assertEquals(tokens, sum.tokens());
    float[] expected = whole.toMatrix(1).values();
    float[] found = sum.toMatrix(1).values();
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], found[i], 1e-6 * whole.meanDiagonal());
    }
  }

  @Test
  void numbersDrawnAreUniform() {
    int[] counts = new int[16];
    for (int token = 0; token < 16_000; token++) {
      counts[(int) (LossCurvature.uniform(3, token) * 16)]++;
    }
    for (int count : counts) {
      assertTrue(Math.abs(count - 1000) < 150, Arrays.toString(counts));
    }
  }
}
