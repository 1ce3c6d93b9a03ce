package io.tritmill.kernels.model.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tritmill.kernels.linalg.Gram;
import io.tritmill.kernels.linalg.GramAccumulator;
import io.tritmill.kernels.linalg.Strip;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.forward.NaiveAttention;
import io.tritmill.kernels.model.forward.NaiveBlock;
import io.tritmill.kernels.model.forward.RandomModel;
import io.tritmill.kernels.model.forward.Taps;
import io.tritmill.kernels.model.forward.TestBlock;
import io.tritmill.kernels.model.forward.TestBlock.Part;
import io.tritmill.kernels.model.forward.TestPass;
import io.tritmill.kernels.model.forward.TestWeights;
import io.tritmill.kernels.tensor.Matrix;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each metric against Jacobians taken numerically, in double, from the operations that follow. */
@Tag("slow")
class ModuleMetricsTest {
  private static final int HIDDEN = 9;
  private static final int HEADS = 4;
  private static final int GROUPS = 2;
  private static final int SIZE = 6;
  private static final int WIDE = 300; // more than a strip

  private final Random random = new Random(43);

  private static TestBlock config(int window) {
    return new TestBlock(
        50,
        HIDDEN,
        WIDE,
        HEADS,
        GROUPS,
        SIZE,
        1e-5f,
        100,
        new Rope.None(),
        Set.of(Part.QUERY, Part.GATE),
        window);
  }

  private Matrix curvature() {
    GramAccumulator gram = new GramAccumulator(HIDDEN);
    gram.add(20, RandomModel.gaussian(random, 20 * HIDDEN, 0.7));
    return gram.finish().toMatrix(1);
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "0, 3", "5, 1", "66, 2"})
  void ofQueriesAndKeysAreMeansOfSquaredJacobians(int window, int stride) {
    TestBlock config = config(window);
    TestWeights weights = RandomModel.block(config, random);
    Matrix m = curvature();
    int[] lengths = {7, 75, 1, 20};
    int tokens = Arrays.stream(lengths).sum();
    float[] x = RandomModel.gaussian(random, tokens * HIDDEN, 1);
    AttentionCurvature found =
        new AttentionCurvature(config.attention(), 75, m, weights.output().weight(), stride);
    new TestPass(config, 75).forward(weights, x.clone(), lengths, found);

    double[][] query = new double[SIZE][HEADS * SIZE];
    double[][] key = new double[SIZE][GROUPS * SIZE];
    long used = 0;
    int begin = 0;
    for (int length : lengths) {
      NaiveAttention sequence = new NaiveAttention(config, weights, rows(x, begin, length));
      for (int t = 0; t < length; t++) {
        if ((begin + t) % stride == stride / 2) {
          used++;
          for (int head = 0; head < HEADS; head++) {
            double[][] b = bend(m, weights, head);
            sequence.addQuery(t, head, b, query);
            sequence.addKeys(t, head, b, key);
          }
        }
      }
      begin += length;
    }
    assertEquals(used, AttentionCurvature.sampled(tokens, stride));
    assertHeads(query, ModuleMetrics.heads(found.queries(), 1.0 / used), 1.0 / used);
    assertHeads(key, ModuleMetrics.heads(found.keys(), 1.0 / used), 1.0 / used);
  }

  /** Wo' M Wo of a head. */
  private static double[][] bend(Matrix m, TestWeights weights, int head) {
    float[] o = new float[HIDDEN * HEADS * SIZE];
    weights.output().weight().decode(0, HIDDEN, o, 0);
    double[][] columns = new double[HIDDEN][SIZE];
    for (int c = 0; c < HIDDEN; c++) {
      for (int i = 0; i < SIZE; i++) {
        columns[c][i] = o[c * HEADS * SIZE + head * SIZE + i];
      }
    }
    double[][] b = new double[SIZE][SIZE];
    Jacobians.addBent(1, columns, square(m), 0, b);
    return b;
  }

  private static double[][] square(Matrix m) {
    double[][] square = new double[m.rows()][m.columns()];
    for (int i = 0; i < m.values().length; i++) {
      square[i / m.columns()][i % m.columns()] = m.values()[i];
    }
    return square;
  }

  /** Squares along the diagonal as expected, zeros elsewhere. */
  private static void assertHeads(double[][] squares, Matrix found, double factor) {
    int width = squares[0].length;
    double[][] expected = new double[width][width];
    for (int i = 0; i < SIZE; i++) {
      for (int column = 0; column < width; column++) {
        expected[column / SIZE * SIZE + i][column] = squares[i][column] * factor;
      }
    }
    assertMetric(expected, found);
  }

  private static void assertMetric(double[][] expected, Matrix found) {
    int n = expected.length;
    assertEquals(n, found.rows());
    assertEquals(n, found.columns());
    double scale = 0;
    for (int i = 0; i < n; i++) {
      scale = Math.max(scale, expected[i][i]);
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        float value = found.values()[i * n + j];
        assertEquals(expected[i][j], value, 1e-5 * scale, i + ", " + j);
        assertEquals(found.values()[j * n + i], value, 1e-6 * scale);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1", "4"})
  void ofGateAndUpAreMeansOfSquaredJacobians(int stride) {
    TestBlock config = config(0);
    TestWeights weights = RandomModel.block(config, random);
    Matrix m = curvature();
    int tokens = 23;
    float[] x = RandomModel.gaussian(random, tokens * HIDDEN, 1);
    double[][] normed = new double[tokens][];
    GramAccumulator ofGate = new GramAccumulator(WIDE);
    GramAccumulator ofUp = new GramAccumulator(WIDE);
    FeedForwardCurvature found =
        new FeedForwardCurvature(
            config.feedForward(),
            stride,
            (count, byGate, byUp) -> {
              ofGate.add(count, byGate);
              ofUp.add(count, byUp);
            });
    new TestPass(config, tokens)
        .forward(
            weights,
            x,
            new int[] {tokens},
            new Taps() {
              @Override
              public void see(Site site, int count, int columns, float[] inputs) {
                for (int t = 0; site.equals(config.feedForwardSite()) && t < count; t++) {
                  normed[t] = row(inputs, t, columns);
                }
              }

              @Override
              public void seeGates(int count, int columns, float[] gate, float[] up) {
                found.seeGates(count, columns, gate, up);
              }
            });
    double[][] gates = NaiveBlock.linear(normed, weights.gate());
    double[][] ups = NaiveBlock.linear(normed, weights.up());
    double[][] gate = new double[WIDE][WIDE];
    double[][] up = new double[WIDE][WIDE];
    long used = 0;
    for (int t = stride / 2; t < tokens; t += stride) {
      double[] z = gates[t];
      double[] u = ups[t];
      used++;
      Jacobians.addBent(
          1.0, Jacobians.of(z, changed -> down(weights, changed, u)), square(m), 0, gate);
      Jacobians.addBent(
          1.0, Jacobians.of(u, changed -> down(weights, z, changed)), square(m), 0, up);
    }
    Gram gateSum = ofGate.finish();
    assertEquals(used, gateSum.tokens());
    assertEquals(6, FeedForwardCurvature.sampled(tokens), "tokens 2, 6, ..., 22");
    scale(1.0 / used, gate);
    scale(1.0 / used, up);
    Matrix gateMetric =
        ModuleMetrics.feedForward(m, weights.down().weight(), gateSum::strip, 1.0 / used);
    Matrix upMetric =
        ModuleMetrics.feedForward(m, weights.down().weight(), ofUp.finish()::strip, 1.0 / used);
    assertMetric(gate, gateMetric);
    assertMetric(up, upMetric);
  }

  private static double[] down(TestWeights weights, double[] gate, double[] up) {
    double[][] product = new double[1][WIDE];
    for (int i = 0; i < WIDE; i++) {
      product[0][i] = gate[i] / (1 + Math.exp(-gate[i])) * up[i];
    }
    return NaiveBlock.linear(product, weights.down())[0];
  }

  @Test
  void ofValuesSumsTheHeadsThatShareThem() {
    TestBlock config = config(0);
    TestWeights weights = RandomModel.block(config, random);
    Matrix m = curvature();
    double[][] expected = new double[GROUPS * SIZE][GROUPS * SIZE];
    for (int head = 0; head < HEADS; head++) {
      double[][] b = bend(m, weights, head);
      int group = head * GROUPS / HEADS;
      for (int i = 0; i < SIZE; i++) {
        for (int j = 0; j < SIZE; j++) {
          expected[group * SIZE + i][group * SIZE + j] += b[i][j];
        }
      }
    }
    assertMetric(expected, ModuleMetrics.value(config.attention(), m, weights.output().weight()));
  }

  @Test
  void aSingularHeadMetricHasARoot() {
    TestBlock config = config(0);
    TestWeights weights = RandomModel.block(config, random);
    GramAccumulator gram = new GramAccumulator(HIDDEN);
    gram.add(2, RandomModel.gaussian(random, 2 * HIDDEN, 1));
    HeadMetric metric =
        new HeadMetric(config.attention(), gram.finish().toMatrix(1), weights.output().weight());
    for (int head = 0; head < HEADS; head++) {
      float[] root = metric.root(head, 0.25);
      double[] block = metric.block(head);
      double scale = Arrays.stream(block).max().orElseThrow();
      for (int i = 0; i < SIZE; i++) {
        for (int j = 0; j < SIZE; j++) {
          double product = 0;
          for (int c = 0; c < SIZE; c++) {
            product += (double) root[c * SIZE + i] * root[c * SIZE + j];
          }
          assertEquals(block[i * SIZE + j] / 4, product, 1e-5 * scale);
        }
      }
    }
  }

  @Test
  void sumsOfChunksMakeTheMetricOfTheWhole() {
    TestBlock config = config(0);
    TestWeights weights = RandomModel.block(config, random);
    Matrix m = curvature();
    float[] x = RandomModel.gaussian(random, 128 * HIDDEN, 1);
    Strip whole = queries(config, weights, m, x, 64, 64);
    Strip sum = queries(config, weights, m, Arrays.copyOf(x, 64 * HIDDEN), 64);
    sum.add(queries(config, weights, m, Arrays.copyOfRange(x, 64 * HIDDEN, x.length), 64));
    for (int i = 0; i < sum.values().length; i++) {
      assertEquals(whole.values()[i], sum.values()[i], 1e-5 * whole.values()[0]);
    }
  }

  private static Strip queries(
      TestBlock config, TestWeights weights, Matrix m, float[] x, int... lengths) {
    AttentionCurvature found =
        new AttentionCurvature(config.attention(), 64, m, weights.output().weight(), 4);
    new TestPass(config, 64).forward(weights, x.clone(), lengths, found);
    return found.queries();
  }

  private static void scale(double factor, double[][] matrix) {
    for (double[] row : matrix) {
      for (int i = 0; i < row.length; i++) {
        row[i] *= factor;
      }
    }
  }

  private static double[] row(float[] x, int t, int columns) {
    double[] row = new double[columns];
    for (int c = 0; c < columns; c++) {
      row[c] = x[t * columns + c];
    }
    return row;
  }

  private static double[][] rows(float[] x, int first, int count) {
    double[][] rows = new double[count][];
    for (int t = 0; t < count; t++) {
      rows[t] = row(x, first + t, HIDDEN);
    }
    return rows;
  }
}
