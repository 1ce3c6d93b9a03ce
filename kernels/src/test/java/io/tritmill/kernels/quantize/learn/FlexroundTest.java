package io.tritmill.kernels.quantize.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.CorrelatedInputs;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.RandomWeights;
import io.tritmill.kernels.quantize.ReconstructionError;
import io.tritmill.kernels.quantize.TritContract;
import io.tritmill.kernels.quantize.compensate.Comq;
import io.tritmill.kernels.quantize.compensate.Gptq;
import io.tritmill.kernels.quantize.round.Ptqtp;
import io.tritmill.kernels.tensor.Matrix;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FlexroundTest implements TritContract {
  private static final Gptq GPTQ = new Gptq(0.01, false, false);
  private static final Quantizer TWO_TIED = new Ptqtp(2, Group.of(64), true, 50);

  @Override
  public Quantizer quantizer() {
    return new CorrelatedInputs.Calibrated(new Flexround(5, 0.02, 0.01).around(TWO_TIED));
  }

  /** It does not claim less error of the weights; less than that of zeros is the least to ask. */
  @Override
  public double errorToBeat(Matrix weight) {
    return ReconstructionError.of(weight, quantizer().quantize(weight)).squaredWeight();
  }

  @Test
  void learnedRowsAreBetterThanRoundedOnes() {
    Matrix w = RandomWeights.laplace(20, 200, 3);
    Matrix gram = CorrelatedInputs.gram(200, 4);
    Matrix damped = CorrelatedInputs.damped(gram, 0.01);
    for (Quantizer rounding : CorrelatedInputs.roundings(64)) {
      TritPlanes found =
          new Flexround(60, 0.02, 0.01)
              .around(rounding)
              .quantize(w, CorrelatedInputs.of(gram))
              .planes();
      double[] before = CorrelatedInputs.rowErrors(w, rounding.quantize(w).planes(), damped);
      double[] after = CorrelatedInputs.rowErrors(w, found, damped);
      double sumBefore = 0;
      double sumAfter = 0;
      for (int row = 0; row < 20; row++) {
        assertTrue(after[row] <= before[row] * (1 + 1e-5), "row " + row + " of " + rounding);
        sumBefore += before[row];
        sumAfter += after[row];
      }
      assertTrue(sumAfter < 0.9 * sumBefore, rounding + ": " + sumAfter + " of " + sumBefore);
    }
  }

  @Test
  void noRowIsWorseThanCompensated() {
    Matrix w = RandomWeights.gaussian(20, 128, 5);
    Matrix gram = CorrelatedInputs.gram(128, 6);
    Matrix damped = CorrelatedInputs.damped(gram, 0.01);
    Quantizer gptq = GPTQ.around(TWO_TIED);
    double[] before =
        CorrelatedInputs.rowErrors(w, gptq.quantize(w, CorrelatedInputs.of(gram)).planes(), damped);
    Quantizer method = new Flexround(20, 0.02, 0.01).around(gptq);
    double[] after =
        CorrelatedInputs.rowErrors(
            w, method.quantize(w, CorrelatedInputs.of(gram)).planes(), damped);
    for (int row = 0; row < 20; row++) {
      assertTrue(after[row] <= before[row] * (1 + 1e-5), "row " + row);
    }
  }

  @Test
  void moreStepsAreNeverWorse() {
    Matrix w = RandomWeights.gaussian(9, 96, 7);
    Matrix gram = CorrelatedInputs.gram(96, 8);
    Matrix damped = CorrelatedInputs.damped(gram, 0.01);
    double last = Double.POSITIVE_INFINITY;
    for (int steps : new int[] {1, 2, 5, 20}) {
      TritPlanes found =
          new Flexround(steps, 0.02, 0.01)
              .around(TWO_TIED)
              .quantize(w, CorrelatedInputs.of(gram))
              .planes();
      double error = CorrelatedInputs.outputError(w, found, damped);
      assertTrue(error <= last * (1 + 1e-5), error + " after " + last);
      last = error;
    }
  }

  /** With bias-corrected means the first step of Adam is the rate against the sign of the slope. */
  @Test
  void divisorsTakeTheStepsOfThePaper() {
    LearnedDivisors divisors = new LearnedDivisors(3, 0.5);
    float[] slopes = {3, -0.25f, 0};
    divisors.descend(slopes);
    assertEquals(Math.exp(-0.5), divisors.divisor(0), 1e-6);
    assertEquals(Math.exp(0.5), divisors.divisor(1), 1e-6);
    assertEquals(1, divisors.divisor(2));
    float[] next = {-1, -0.25f, 0};
    divisors.descend(next);
    double first = (0.9 * 0.1 * 3 - 0.1) / (1 - 0.81);
    double second = (0.999 * 0.001 * 9 + 0.001) / (1 - 0.999 * 0.999);
    assertEquals(Math.exp(-0.5 - 0.5 * first / Math.sqrt(second)), divisors.divisor(0), 1e-4);
    assertEquals(Math.exp(1), divisors.divisor(1), 1e-4);
    for (int i = 0; i < 20; i++) {
      divisors.descend(slopes);
    }
    assertEquals(Math.exp(3), divisors.divisor(1), 1e-4, "the limit");
  }

  @Test
  void needsAreDeclaredAndMistakesRefused() {
    assertEquals(Set.of(Need.GRAM), new Flexround(5, 0.02, 0.01).around(TWO_TIED).needs());
    assertThrows(IllegalArgumentException.class, () -> new Flexround(0, 0.02, 0.01));
    assertThrows(IllegalArgumentException.class, () -> new Flexround(5, 0, 0.01));
    assertThrows(IllegalArgumentException.class, () -> new Flexround(5, 0.02, 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Flexround(5, 0.02, 0.01).around(new Comq(1, 0.01).around(TWO_TIED)));
  }
}
