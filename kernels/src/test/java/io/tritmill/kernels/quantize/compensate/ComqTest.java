package io.tritmill.kernels.quantize.compensate;

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
import io.tritmill.kernels.quantize.round.Ptqtp;
import io.tritmill.kernels.tensor.Matrix;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ComqTest implements TritContract {
  private static final Gptq GPTQ = new Gptq(0.01, false, false);
  private static final Quantizer TWO_TIED = new Ptqtp(2, Group.of(64), true, 50);

  @Override
  public Quantizer quantizer() {
    return new CorrelatedInputs.Calibrated(new Comq(3, 0.01).around(GPTQ.around(TWO_TIED)));
  }

  /** It does not claim less error of the weights; less than that of zeros is the least to ask. */
  @Override
  public double errorToBeat(Matrix weight) {
    return ReconstructionError.of(weight, quantizer().quantize(weight)).squaredWeight();
  }

  @Test
  void noRowIsWorseThanCompensatedOrPlain() {
    Matrix w = RandomWeights.laplace(40, 300, 3);
    Matrix gram = CorrelatedInputs.gram(300, 4);
    Matrix damped = CorrelatedInputs.damped(gram, 0.01);
    for (Quantizer rounding : CorrelatedInputs.roundings(64)) {
      Quantizer gptq = GPTQ.around(rounding);
      TritPlanes compensated = gptq.quantize(w, CorrelatedInputs.of(gram)).planes();
      TritPlanes found =
          new Comq(4, 0.01).around(gptq).quantize(w, CorrelatedInputs.of(gram)).planes();
      double[] before = CorrelatedInputs.rowErrors(w, compensated, damped);
      double[] plain = CorrelatedInputs.rowErrors(w, rounding.quantize(w).planes(), damped);
      double[] after = CorrelatedInputs.rowErrors(w, found, damped);
      double sumBefore = 0;
      double sumAfter = 0;
      for (int row = 0; row < 40; row++) {
        assertTrue(after[row] <= before[row] * (1 + 1e-5), "row " + row + " of " + rounding);
        assertTrue(after[row] <= plain[row] * (1 + 1e-5), "row " + row + " of " + rounding);
        sumBefore += before[row];
        sumAfter += after[row];
      }
      assertTrue(sumAfter < 0.97 * sumBefore, rounding + ": " + sumAfter + " of " + sumBefore);
    }
  }

  @Test
  void moreSweepsAreNeverWorse() {
    Matrix w = RandomWeights.gaussian(9, 150, 5);
    Matrix gram = CorrelatedInputs.gram(150, 6);
    Matrix damped = CorrelatedInputs.damped(gram, 0.01);
    for (Quantizer rounding : CorrelatedInputs.roundings(50)) {
      double last = Double.POSITIVE_INFINITY;
      for (int sweeps = 1; sweeps <= 4; sweeps++) {
        TritPlanes found =
            new Comq(sweeps, 0.01).around(rounding).quantize(w, CorrelatedInputs.of(gram)).planes();
        double error = CorrelatedInputs.outputError(w, found, damped);
        assertTrue(error <= last * (1 + 1e-5), rounding + ": " + error + " after " + last);
        last = error;
      }
    }
  }

  @Test
  void sweepsAreThoseOfTheEquations() {
    int[][] shapes = {{1, 1}, {4, 30}, {3, 77}};
    for (int[] shape : shapes) {
      Matrix w = RandomWeights.gaussian(shape[0], shape[1], 7);
      Matrix gram = CorrelatedInputs.gram(shape[1], 8);
      for (int group : new int[] {16, 77}) {
        Quantizer rounding = new Ptqtp(2, Group.of(group), true, 50);
        TritPlanes found =
            new Comq(2, 0.02).around(rounding).quantize(w, CorrelatedInputs.of(gram)).planes();
        double[] expected =
            PlainDescent.levels(
                w, CorrelatedInputs.damped(gram, 0.02), 2, rounding.quantize(w).planes());
        float[] decoded = new float[expected.length];
        found.decode(0, found.rows(), decoded, 0);
        for (int i = 0; i < expected.length; i++) {
          assertEquals(expected[i], decoded[i], 1e-5, "weight " + i);
        }
      }
    }
  }

  @Test
  void rowsThatWouldOverfitArePutBack() {
    Matrix w = RandomWeights.gaussian(30, 100, 9);
    // Far fewer tokens than columns.
    Matrix few = CorrelatedInputs.tokens(12, 100, 10);
    Matrix gram = CorrelatedInputs.product(few, few);
    Matrix unseen = CorrelatedInputs.gram(100, 11);
    Quantizer method = new Comq(4, 0.01).around(new Ptqtp(1, Group.of(50), false, 50));
    LayerStatistics guarded =
        LayerStatistics.of(12, gram).withHeldOut(LayerStatistics.of(12, unseen));
    Solution with = method.solve(w, LayerInputs.NONE.with(guarded));
    Solution without = method.solve(w, CorrelatedInputs.of(gram));
    assertTrue(with.report().revertedRows() > 0);
    assertTrue(with.report().damping() > 0.01);
    assertTrue(
        with.report().heldOut().squaredError()
            < CorrelatedInputs.outputError(w, without.codes().planes(), unseen));
    double[] start =
        CorrelatedInputs.rowErrors(
            w, new Ptqtp(1, Group.of(50), false, 50).quantize(w).planes(), unseen);
    double[] end = CorrelatedInputs.rowErrors(w, with.codes().planes(), unseen);
    for (int row = 0; row < 30; row++) {
      assertTrue(end[row] <= start[row] * (1 + 1e-5), "row " + row);
    }
  }

  @Test
  void deadInputsStayZero() {
    Matrix w = RandomWeights.gaussian(3, 20, 12);
    Matrix gram = CorrelatedInputs.gram(20, 13);
    for (int i = 0; i < 20; i++) {
      gram.values()[i * 20 + 5] = 0;
      gram.values()[5 * 20 + i] = 0;
    }
    TritPlanes found =
        new Comq(2, 0.01)
            .around(GPTQ.around(TWO_TIED))
            .quantize(w, CorrelatedInputs.of(gram))
            .planes();
    for (int row = 0; row < 3; row++) {
      assertEquals(0, found.trits()[0][row * 20 + 5]);
      assertEquals(0, found.trits()[1][row * 20 + 5]);
    }
  }

  @Test
  void needsAreDeclared() {
    assertEquals(Set.of(Need.GRAM, Need.HELD_OUT), new Comq(4, 0.01).around(TWO_TIED).needs());
    Comq comq = new Comq(4, 0.01);
    assertThrows(IllegalArgumentException.class, () -> comq.around(comq.around(TWO_TIED)));
  }
}
