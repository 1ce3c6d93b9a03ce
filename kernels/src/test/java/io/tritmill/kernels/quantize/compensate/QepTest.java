package io.tritmill.kernels.quantize.compensate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import io.tritmill.kernels.quantize.Solution;
import io.tritmill.kernels.quantize.round.Ptqtp;
import io.tritmill.kernels.tensor.Matrix;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;

class QepTest {
  private static final Quantizer ROUNDING = new Ptqtp(2, Group.of(16), true, 50);
  private static final Gptq GPTQ = new Gptq(0.01, false, false);

  private final Matrix full = CorrelatedInputs.tokens(400, 37, 1);
  private final Matrix compressed = noisy(full, 2);
  private final Matrix weight = RandomWeights.gaussian(6, 37, 3);
  private final Matrix gram = CorrelatedInputs.product(compressed, compressed);
  private final Matrix inputError =
      CorrelatedInputs.product(difference(full, compressed), compressed);

  @Test
  void weightsAreThoseOfTheEquation() {
    Matrix residual = new Matrix(6, 37, RandomWeights.gaussian(6, 37, 4).values());
    double[][] inverse = inverse(gram, 0.01);
    for (double alpha : new double[] {0, 0.5, 1}) {
      Matrix found =
          new QepMethod(new Qep(alpha, 0.01, true), ROUNDING)
              .correct(weight, LayerInputs.NONE.with(statistics(residual)))
              .weights();
      for (int row = 0; row < 6; row++) {
        double[] right = new double[37];
        for (int j = 0; j < 37; j++) {
          right[j] = residual.values()[row * 37 + j];
          for (int i = 0; i < 37; i++) {
            right[j] += alpha * weight.values()[row * 37 + i] * inputError.values()[i * 37 + j];
          }
        }
        for (int j = 0; j < 37; j++) {
          double expected = weight.values()[row * 37 + j];
          for (int i = 0; i < 37; i++) {
            expected += right[i] * inverse[i][j];
          }
          assertEquals(expected, found.values()[row * 37 + j], 1e-4);
        }
      }
    }
  }

  @Test
  void correctedOutputsAreNearerToThoseOfTheFullModel() {
    LayerInputs inputs = LayerInputs.NONE.with(statistics(null));
    double without = outputError(GPTQ.around(ROUNDING).quantize(weight, inputs).planes());
    Quantizer method = new Qep(1, 0.01, true).around(GPTQ.around(ROUNDING));
    double with = outputError(method.quantize(weight, inputs).planes());
    assertTrue(with < without, with + " against " + without);
    Solution solution = method.solve(weight, inputs);
    assertEquals(1, solution.report().correction());
    assertEquals(0.01, solution.report().damping());
    assertArrayEquals(
        method.quantize(weight, inputs).planes().trits(), solution.codes().planes().trits());
  }

  @Test
  void tokensSetAsideDecideHowMuchOfTheCorrectionIsMade() {
    Matrix residual = RandomWeights.gaussian(6, 37, 4);
    QepMethod method = new QepMethod(new Qep(1, 0.01, true), ROUNDING);
    Matrix all = method.correct(weight, LayerInputs.NONE.with(statistics(residual))).weights();
    Matrix unseen = CorrelatedInputs.tokens(90, 37, 5);
    Matrix unseenCompressed = noisy(unseen, 6);
    LayerStatistics heldOut =
        new LayerStatistics(
            90,
            CorrelatedInputs.product(unseenCompressed, unseenCompressed),
            CorrelatedInputs.product(difference(unseen, unseenCompressed), unseenCompressed),
            RandomWeights.gaussian(6, 37, 7),
            null,
            null);
    QepMethod.Corrected found =
        method.correct(weight, LayerInputs.NONE.with(statistics(residual).withHeldOut(heldOut)));
    double strength = found.strength();
    assertTrue(strength > 0 && strength < 1, "strength " + strength);
    for (int i = 0; i < 6 * 37; i++) {
      double expected = weight.values()[i] + strength * (all.values()[i] - weight.values()[i]);
      assertEquals(expected, found.weights().values()[i], 1e-5);
    }
    double least = unseenError(heldOut, all, strength);
    for (double other : new double[] {strength - 0.01, strength + 0.01}) {
      assertTrue(least < unseenError(heldOut, all, other), strength + " against " + other);
    }
  }

  @Test
  void aCorrectionThatHarmsTokensSetAsideIsNotMade() {
    Matrix opposite = Matrix.zeros(37, 37);
    for (int i = 0; i < 37 * 37; i++) {
      opposite.values()[i] = -inputError.values()[i];
    }
    LayerStatistics heldOut = new LayerStatistics(400, gram, opposite, null, null, null);
    QepMethod.Corrected found =
        new QepMethod(new Qep(1, 0.01, true), ROUNDING)
            .correct(weight, LayerInputs.NONE.with(statistics(null).withHeldOut(heldOut)));
    assertEquals(0, found.strength());
    assertArrayEquals(weight.values(), found.weights().values());
  }

  @Test
  void aLayerIsWorkedOnAsAWhole() {
    assertFalse(new Qep(1, 0.01, false).around(GPTQ.around(ROUNDING)).rowsIndependent());
  }

  /** A constant less than the error of the outputs on tokens set aside, in double. */
  @Test
  void bandsThatAddUpTheirStrengthEqualTheWhole() {
    LayerStatistics heldOut = new LayerStatistics(400, gram, halved(inputError), null, null, null);
    LayerInputs inputs = LayerInputs.NONE.with(statistics(null).withHeldOut(heldOut));
    Quantizer method = new Rsq(0.5).around(new Qep(1, 0.01, true).around(GPTQ.around(ROUNDING)));
    assertEquals(1, method.passesOverBands().orElseThrow());
    Solution whole = method.solve(weight, inputs);
    assertTrue(whole.report().correction() < 0.9, whole.report().toString());
    double[] sums = new double[2];
    for (int row = 0; row < 6; row += 2) {
      double[] more = method.observe(weight.band(row, 2), inputs);
      sums[0] += more[0];
      sums[1] += more[1];
    }
    for (int row = 0; row < 6; row += 2) {
      TritPlanes band = method.solve(weight.band(row, 2), inputs.with(sums)).codes().planes();
      for (int plane = 0; plane < 2; plane++) {
        byte[] trits = whole.codes().planes().trits()[plane];
        assertArrayEquals(Arrays.copyOfRange(trits, row * 37, (row + 2) * 37), band.trits()[plane]);
      }
    }
  }

  private static Matrix halved(Matrix x) {
    Matrix half = Matrix.zeros(x.rows(), x.columns());
    for (int i = 0; i < x.values().length; i++) {
      half.values()[i] = x.values()[i] / 2;
    }
    return half;
  }

  private double unseenError(LayerStatistics heldOut, Matrix all, double strength) {
    double error = 0;
    for (int row = 0; row < 6; row++) {
      for (int j = 0; j < 37; j++) {
        double c = strength * ((double) all.values()[row * 37 + j] - weight.values()[row * 37 + j]);
        double target = heldOut.residualError().values()[row * 37 + j];
        double square = 0;
        for (int i = 0; i < 37; i++) {
          target +=
              (double) weight.values()[row * 37 + i] * heldOut.inputError().values()[i * 37 + j];
          square +=
              strength
                  * ((double) all.values()[row * 37 + i] - weight.values()[row * 37 + i])
                  * heldOut.gram().values()[i * 37 + j];
        }
        error += c * (square - 2 * target);
      }
    }
    return error;
  }

  @Test
  void needsAreDeclaredAndAsked() {
    Quantizer method = new Qep(1, 0.01, true).around(GPTQ.around(ROUNDING));
    assertEquals(
        Set.of(Need.GRAM, Need.INPUT_ERROR, Need.RESIDUAL_ERROR, Need.HELD_OUT), method.needs());
    assertFalse(method.rowsIndependent());
    LayerStatistics lacking = LayerStatistics.of(400, gram);
    assertEquals(
        "qep needs the error of the layer's inputs, 37 x 37, found none",
        assertThrows(
                IllegalArgumentException.class,
                () -> method.quantize(weight, LayerInputs.NONE.with(lacking)))
            .getMessage());
    Matrix ofOtherRows = Matrix.zeros(5, 37);
    assertThrows(
        IllegalArgumentException.class,
        () -> method.quantize(weight, LayerInputs.NONE.with(statistics(ofOtherRows))));
  }

  private LayerStatistics statistics(Matrix residual) {
    return new LayerStatistics(400, gram, inputError, residual, null, null);
  }

  /** Sum over tokens of ||W x - W' xq||^2. */
  private double outputError(TritPlanes planes) {
    float[] decoded = new float[6 * 37];
    planes.decode(0, 6, decoded, 0);
    double sum = 0;
    for (int token = 0; token < 400; token++) {
      for (int row = 0; row < 6; row++) {
        double difference = 0;
        for (int j = 0; j < 37; j++) {
          difference +=
              (double) weight.values()[row * 37 + j] * full.values()[token * 37 + j]
                  - (double) decoded[row * 37 + j] * compressed.values()[token * 37 + j];
        }
        sum += difference * difference;
      }
    }
    return sum;
  }

  private static Matrix noisy(Matrix x, long seed) {
    Matrix noise = CorrelatedInputs.tokens(x.rows(), x.columns(), seed);
    Matrix sum = Matrix.zeros(x.rows(), x.columns());
    for (int i = 0; i < sum.values().length; i++) {
      sum.values()[i] = 0.9f * x.values()[i] + 0.2f * noise.values()[i];
    }
    return sum;
  }

  private static Matrix difference(Matrix a, Matrix b) {
    Matrix difference = Matrix.zeros(a.rows(), a.columns());
    for (int i = 0; i < difference.values().length; i++) {
      difference.values()[i] = a.values()[i] - b.values()[i];
    }
    return difference;
  }

  private static double[][] inverse(Matrix gram, double damp) {
    int n = gram.rows();
    double mean = 0;
    for (int i = 0; i < n; i++) {
      mean += gram.values()[i * n + i] / (double) n;
    }
    double[][] h = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        h[i][j] = gram.values()[i * n + j] + (i == j ? damp * mean : 0);
      }
    }
    return PlainGptq.inverse(h);
  }
}
