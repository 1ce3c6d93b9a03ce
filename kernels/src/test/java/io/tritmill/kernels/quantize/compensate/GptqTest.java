package io.tritmill.kernels.quantize.compensate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.CorrelatedInputs;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.RandomWeights;
import io.tritmill.kernels.quantize.ReconstructionError;
import io.tritmill.kernels.quantize.Solution;
import io.tritmill.kernels.quantize.TritContract;
import io.tritmill.kernels.quantize.round.Absmean;
import io.tritmill.kernels.quantize.round.Ptqtp;
import io.tritmill.kernels.tensor.Matrix;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GptqTest implements TritContract {
  private static final Quantizer TWO_TIED = new Ptqtp(2, Group.of(64), true, 50);

  @Override
  public Quantizer quantizer() {
    return new CorrelatedInputs.Calibrated(new Gptq(0.01, false, false).around(TWO_TIED));
  }

  /** It does not claim less error of the weights; less than that of zeros is the least to ask. */
  @Override
  public double errorToBeat(Matrix weight) {
    return ReconstructionError.of(weight, quantizer().quantize(weight)).squaredWeight();
  }

  @Test
  void levelsAreThoseOfTheEquations() {
    int[][] shapes = {{1, 1}, {3, 7}, {5, 40}, {2, 53}};
    for (int[] shape : shapes) {
      Matrix w = RandomWeights.gaussian(shape[0], shape[1], 11);
      Matrix gram = CorrelatedInputs.gram(shape[1], 12);
      int[] order = IntStream.range(0, shape[1]).toArray();
      for (Quantizer rounding : CorrelatedInputs.roundings(16)) {
        double[] expected = PlainGptq.levels(w, gram, 0.01, order, true, rounding);
        assertLevels(expected, solve(new Gptq(0.01, false, false), rounding, w, gram), rounding);
      }
    }
  }

  @Test
  void staticGroupsInActivationOrderAreThoseOfTheEquations() {
    Matrix w = RandomWeights.gaussian(4, 45, 21);
    Matrix gram = CorrelatedInputs.gram(45, 22);
    int[] order =
        IntStream.range(0, 45)
            .boxed()
            .sorted((a, b) -> Float.compare(gram.values()[b * 46], gram.values()[a * 46]))
            .mapToInt(i -> i)
            .toArray();
    for (Quantizer rounding : CorrelatedInputs.roundings(16)) {
      double[] expected = PlainGptq.levels(w, gram, 0.05, order, false, rounding);
      assertLevels(expected, solve(new Gptq(0.05, true, true), rounding, w, gram), rounding);
    }
  }

  @Test
  void outputsAreNearerThanThoseOfPlainRounding() {
    Matrix w = RandomWeights.laplace(33, 300, 31);
    Matrix gram = CorrelatedInputs.gram(300, 32);
    for (Quantizer rounding : CorrelatedInputs.roundings(64)) {
      double plain = CorrelatedInputs.outputError(w, rounding.quantize(w).planes(), gram);
      double compensated =
          CorrelatedInputs.outputError(
              w, solve(new Gptq(0.01, false, false), rounding, w, gram), gram);
      assertTrue(compensated < plain, () -> rounding + ": " + compensated + " of " + plain);
    }
  }

  @Test
  void theScaleOfATensorServesAllRows() {
    Matrix w = RandomWeights.gaussian(6, 30, 41);
    Quantizer rounding = new Absmean(Group.TENSOR);
    Quantizer method = new Gptq(0.01, false, false).around(rounding);
    LayerInputs inputs =
        CorrelatedInputs.of(CorrelatedInputs.gram(30, 42))
            .with(method.observe(w, LayerInputs.NONE));
    TritPlanes planes = method.quantize(w, inputs).planes();
    assertArrayEquals(rounding.quantize(w).planes().scales(), planes.scales());
  }

  @Test
  void manyRowsAndNarrowGroupsAreCutAsFewAre() {
    Matrix w = RandomWeights.gaussian(1100, 301, 51);
    Matrix gram = CorrelatedInputs.gram(301, 52);
    Quantizer method = new Gptq(0.01, false, false).around(new Ptqtp(2, Group.of(40), true, 50));
    TritPlanes whole = method.quantize(w, CorrelatedInputs.of(gram)).planes();
    TritPlanes band = method.quantize(w.band(1000, 100), CorrelatedInputs.of(gram)).planes();
    for (int row = 0; row < 100; row++) {
      for (int column = 0; column < 301; column++) {
        assertEquals(
            whole.trits()[1][(1000 + row) * 301 + column], band.trits()[1][row * 301 + column]);
      }
    }
  }

  @Test
  void deadInputsGetWeightsOfZero() {
    Matrix w = RandomWeights.gaussian(5, 50, 61);
    Matrix gram = CorrelatedInputs.gram(50, 62);
    for (int i = 0; i < 50; i++) {
      for (int dead : new int[] {0, 17, 49}) {
        gram.values()[i * 50 + dead] = 0;
        gram.values()[dead * 50 + i] = 0;
      }
    }
    Quantizer method = new Gptq(0.01, false, false).around(TWO_TIED);
    Solution solution = method.solve(w, CorrelatedInputs.of(gram));
    float[] decoded = new float[250];
    solution.codes().decode(0, 5, decoded, 0);
    for (int row = 0; row < 5; row++) {
      assertEquals(0f, decoded[row * 50]);
      assertEquals(0f, decoded[row * 50 + 17]);
      assertEquals(0f, decoded[row * 50 + 49]);
    }
    assertEquals(3, solution.report().deadColumns());
    assertEquals(0.01, solution.report().damping());
  }

  @Test
  void withoutTokensWeightsAreRoundedAsTheyAre() {
    Matrix w = RandomWeights.gaussian(5, 50, 71);
    Solution solution =
        new Gptq(0.01, false, false)
            .around(TWO_TIED)
            .solve(w, CorrelatedInputs.of(Matrix.zeros(50, 50)));
    assertArrayEquals(TWO_TIED.quantize(w).planes().trits(), solution.codes().planes().trits());
  }

  @Test
  void singularMatricesAreDampedMore() {
    Matrix w = RandomWeights.gaussian(3, 40, 81);
    // One token: rank one.
    Matrix x = CorrelatedInputs.tokens(1, 40, 82);
    LayerInputs inputs = CorrelatedInputs.of(CorrelatedInputs.product(x, x));
    Quantizer method = new Gptq(0, false, false).around(TWO_TIED);
    Solution solution = method.solve(w, inputs);
    assertEquals(1e-4, solution.report().damping());
    assertTrue(solution.report().calibration().relative() < 0.05);
  }

  @Test
  void whatIsIndefiniteAtAnyDampingIsRefused() {
    Matrix indefinite = new Matrix(2, 2, new float[] {1, 1e6f, 1e6f, 1});
    Matrix w = RandomWeights.gaussian(3, 2, 83);
    Quantizer method = new Gptq(0.01, false, false).around(TWO_TIED);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> method.quantize(w, CorrelatedInputs.of(indefinite)))
            .getMessage();
    assertTrue(message.contains("no factor"), message);
  }

  @Test
  void infiniteInputsAreRefusedWithTheirPlace() {
    Matrix gram = CorrelatedInputs.gram(4, 1);
    gram.values()[6] = Float.POSITIVE_INFINITY;
    Quantizer method = new Gptq(0.01, false, false).around(TWO_TIED);
    assertEquals(
        "Found Infinity in row 1, column 2 of the Gram matrix: the layer's inputs are not finite",
        assertThrows(
                IllegalArgumentException.class,
                () -> method.quantize(RandomWeights.gaussian(1, 4, 1), CorrelatedInputs.of(gram)))
            .getMessage());
  }

  @Test
  void theReportHasTheErrorOfTheOutputs() {
    Matrix w = RandomWeights.gaussian(7, 60, 91);
    Matrix gram = CorrelatedInputs.gram(60, 92);
    Matrix other = CorrelatedInputs.gram(60, 93);
    LayerStatistics statistics =
        LayerStatistics.of(9, gram).withHeldOut(LayerStatistics.of(9, other));
    Solution solution =
        new Gptq(0.01, false, false).around(TWO_TIED).solve(w, LayerInputs.NONE.with(statistics));
    double error = CorrelatedInputs.outputError(w, solution.codes().planes(), gram);
    double heldOut = CorrelatedInputs.outputError(w, solution.codes().planes(), other);
    assertEquals(error, solution.report().calibration().squaredError(), 1e-4 * error);
    assertEquals(heldOut, solution.report().heldOut().squaredError(), 1e-4 * heldOut);
  }

  @Test
  void needsAndOrderAreDeclared() {
    assertEquals(Set.of(Need.GRAM), new Gptq(0.01, false, false).around(TWO_TIED).needs());
    assertThrows(IllegalArgumentException.class, () -> new Gptq(0.01, false, true));
    Gptq gptq = new Gptq(0.01, false, false);
    assertThrows(IllegalArgumentException.class, () -> gptq.around(gptq.around(TWO_TIED)));
    assertThrows(
        IllegalArgumentException.class,
        () -> gptq.around(TWO_TIED).quantize(Matrix.zeros(1, 3), LayerInputs.NONE));
  }

  private static TritPlanes solve(Gptq stage, Quantizer rounding, Matrix w, Matrix gram) {
    return stage.around(rounding).quantize(w, CorrelatedInputs.of(gram)).planes();
  }

  private static void assertLevels(double[] expected, TritPlanes found, Quantizer rounding) {
    float[] decoded = new float[expected.length];
    found.decode(0, found.rows(), decoded, 0);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], decoded[i], 1e-6, "weight " + i + " of " + rounding);
    }
  }
}
