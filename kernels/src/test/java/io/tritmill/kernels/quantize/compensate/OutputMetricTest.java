package io.tritmill.kernels.quantize.compensate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.parallel.Cores;
import io.tritmill.kernels.quantize.CorrelatedInputs;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.RandomWeights;
import io.tritmill.kernels.quantize.Solution;
import io.tritmill.kernels.quantize.band.Columns;
import io.tritmill.kernels.quantize.band.PlainRounding;
import io.tritmill.kernels.quantize.band.RowBand;
import io.tritmill.kernels.quantize.round.Ptqtp;
import io.tritmill.kernels.tensor.Matrix;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class OutputMetricTest {
  private static final Gptq GPTQ = new Gptq(0.01, false, false);
  private static final Quantizer TWO_TIED = new Ptqtp(2, Group.of(16), true, 50);

  @Test
  void rowFeedbackIsCompensationWithTheProductOfBothMatrices() {
    for (int[] shape : new int[][] {{1, 1}, {1, 20}, {6, 1}, {5, 21}, {7, 16}}) {
      Matrix w = RandomWeights.gaussian(shape[0], shape[1], 1);
      Matrix gram = CorrelatedInputs.gram(shape[1], 2);
      Matrix metric = CorrelatedInputs.gram(shape[0], 3);
      for (Quantizer rounding : CorrelatedInputs.roundings(16)) {
        double[] expected = PlainMetric.feedback(w, gram, 0.01, metric, 0.1, rounding);
        float[] found = feedback(w, gram, metric, rounding);
        for (int row = 0; row < shape[0]; row++) {
          for (int j = 0; j < shape[1]; j++) {
            assertEquals(
                expected[row * shape[1] + j], found[j * shape[0] + row], 1e-6, rounding::toString);
          }
        }
      }
    }
  }

  @Test
  void panelsOfRowsAndColumnsChangeNothing() {
    // With the identity as output metric rows do what they do by themselves.
    Matrix w = RandomWeights.gaussian(150, 300, 4);
    Matrix gram = CorrelatedInputs.gram(300, 5);
    Matrix identity = Matrix.zeros(150, 150);
    for (int i = 0; i < 150; i++) {
      identity.values()[i * 151] = 1;
    }
    float[] found = feedback(w, gram, identity, TWO_TIED);
    TritPlanes expected = GPTQ.around(TWO_TIED).quantize(w, CorrelatedInputs.of(gram)).planes();
    float[] decoded = new float[150 * 300];
    expected.decode(0, 150, decoded, 0);
    int different = 0;
    for (int row = 0; row < 150; row++) {
      for (int j = 0; j < 300; j++) {
        different += decoded[row * 300 + j] == found[j * 150 + row] ? 0 : 1;
      }
    }
    // Products are rounded in another order, so that a weight between two levels may differ.
    assertTrue(different < 450, different + " of 45000 differ");
  }

  @Test
  void descentIsThatOfTheEquations() {
    Matrix w = RandomWeights.gaussian(5, 40, 6);
    Matrix gram = CorrelatedInputs.gram(40, 7);
    Matrix metric = CorrelatedInputs.gram(5, 8);
    Columns columns = Columns.of(gram);
    Columns outputs = Columns.of(metric);
    RowBand band = new RowBand(w, 0, 5, TWO_TIED, LayerInputs.NONE, columns.dead());
    new PlainRounding().solve(band);
    float[] targets = new float[200];
    band.loadTargets(targets);
    MetricState state = new MetricState(targets, columns, 0.01, outputs, 0.1);
    state.begin(band);
    MetricSweep sweep = new MetricSweep(state);
    sweep.run(band, true);
    sweep.run(band, false);
    double[] expected =
        PlainMetric.descent(w, gram, 0.01, metric, 0.1, TWO_TIED.quantize(w).planes(), 1);
    for (int row = 0; row < 5; row++) {
      for (int j = 0; j < 40; j++) {
        assertEquals(expected[row * 40 + j], band.levels[j * 5 + row], 1e-5);
      }
    }
    double kept = state.damage();
    state.begin(band);
    assertEquals(state.damage(), kept, 1e-4 * kept);
  }

  @Tag("slow")
  @Test
  void theDamageNeverRises() {
    Matrix w = RandomWeights.laplace(150, 290, 9);
    Matrix gram = CorrelatedInputs.gram(290, 10);
    Matrix metric = CorrelatedInputs.gram(150, 11);
    LayerInputs inputs = inputs(gram, metric);
    for (Quantizer rounding : CorrelatedInputs.roundings(100)) {
      Quantizer gptq = GPTQ.around(rounding);
      double last =
          PlainMetric.damage(w, gram, 0.01, metric, 0.1, gptq.quantize(w, inputs).planes());
      double first = last;
      for (int rounds = 0; rounds <= 3; rounds++) {
        TritPlanes found = new OutputMetric(0.1, rounds).around(gptq).quantize(w, inputs).planes();
        double damage = PlainMetric.damage(w, gram, 0.01, metric, 0.1, found);
        double before = last;
        // Rounds of one and two both end with a sweep that leaves scales alone.
        assertTrue(damage <= before * 1.001, () -> rounding + ": " + damage + " after " + before);
        last = damage;
      }
      double end = last;
      assertTrue(end < 0.9 * first, () -> rounding + ": " + end + " of " + first);
    }
  }

  @Test
  void itAlsoGoesOnFromDescent() {
    Matrix w = RandomWeights.gaussian(40, 100, 12);
    Matrix gram = CorrelatedInputs.gram(100, 13);
    Matrix metric = CorrelatedInputs.gram(40, 14);
    Quantizer comq = new Comq(2, 0.01).around(GPTQ.around(TWO_TIED));
    LayerInputs inputs = inputs(gram, metric);
    Solution found = new OutputMetric(0.1, 2).around(comq).solve(w, inputs);
    double before =
        PlainMetric.damage(w, gram, 0.01, metric, 0.1, comq.quantize(w, inputs).planes());
    double after = PlainMetric.damage(w, gram, 0.01, metric, 0.1, found.codes().planes());
    assertTrue(after < before);
    assertEquals(0.01, found.report().damping());
    assertArrayEquals(
        found.codes().planes().trits(),
        new OutputMetric(0.1, 2).around(comq).quantize(w, inputs).planes().trits());
  }

  @Test
  void severalCoresEqualOne() {
    Matrix w = RandomWeights.laplace(300, 256, 15);
    LayerInputs inputs = inputs(CorrelatedInputs.gram(256, 16), CorrelatedInputs.gram(300, 17));
    for (boolean tied : new boolean[] {true, false}) {
      Quantizer rounding = new Ptqtp(2, Group.of(64), tied, 50);
      Quantizer comq = new Comq(1, 0.01).around(GPTQ.around(rounding));
      Quantizer method = new OutputMetric(0.1, 2).around(comq);
      TritPlanes alone = method.quantize(w, inputs).planes();
      TritPlanes together = Cores.lend(3, () -> method.quantize(w, inputs).planes());
      assertArrayEquals(alone.scales(), together.scales());
      assertArrayEquals(alone.trits(), together.trits());
    }
  }

  @Test
  void needsAndOrderAreDeclared() {
    Quantizer method = new OutputMetric(0.1, 4).around(GPTQ.around(TWO_TIED));
    assertEquals(Set.of(Need.GRAM, Need.OUTPUT_METRIC), method.needs());
    assertFalse(method.rowsIndependent());
    assertThrows(IllegalArgumentException.class, () -> new OutputMetric(0.1, 4).around(TWO_TIED));
    assertThrows(
        IllegalArgumentException.class,
        () -> new OutputMetric(0.1, 4).around(new Gptq(0.01, true, false).around(TWO_TIED)));
  }

  private static LayerInputs inputs(Matrix gram, Matrix metric) {
    return LayerInputs.NONE.with(new LayerStatistics(1, gram, null, null, metric, null));
  }

  private static float[] feedback(Matrix w, Matrix gram, Matrix metric, Quantizer rounding) {
    Columns columns = Columns.of(gram);
    RowBand band = new RowBand(w, 0, w.rows(), rounding, LayerInputs.NONE, columns.dead());
    new RowFeedback(
            InverseFactor.of(columns, 0.01, null), InverseFactor.of(Columns.of(metric), 0.1, null))
        .solve(band);
    return band.levels;
  }
}
