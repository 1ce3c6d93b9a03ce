package io.tritmill.kernels.quantize.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.code.ScaleStatistics;
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
import io.tritmill.kernels.quantize.compensate.Comq;
import io.tritmill.kernels.quantize.compensate.Gptq;
import io.tritmill.kernels.quantize.compensate.Qep;
import io.tritmill.kernels.quantize.round.Absmean;
import io.tritmill.kernels.quantize.round.Ptqtp;
import io.tritmill.kernels.quantize.round.TritRows;
import io.tritmill.kernels.tensor.Matrix;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DltTest implements TritContract {
  private static final Dlt DLT = new Dlt(3, 0.001);
  private static final Gptq GPTQ = new Gptq(0.01, false, false);
  private static final Quantizer ONE = new Ptqtp(1, Group.of(64), false, 50);

  @Override
  public Quantizer quantizer() {
    return new CorrelatedInputs.Calibrated(DLT.around(ONE));
  }

  /** It does not claim less error of the weights; less than that of zeros is the least to ask. */
  @Override
  public double errorToBeat(Matrix weight) {
    return ReconstructionError.of(weight, quantizer().quantize(weight)).squaredWeight();
  }

  @Test
  void noRowIsWorseThanWithoutShifts() {
    Matrix w = RandomWeights.laplace(20, 200, 3);
    Matrix gram = CorrelatedInputs.gram(200, 4);
    LayerInputs inputs = CorrelatedInputs.of(gram);
    for (Quantizer rounding : CorrelatedInputs.roundings(64)) {
      for (Quantizer method : new Quantizer[] {rounding, GPTQ.around(rounding)}) {
        double[] before = CorrelatedInputs.rowErrors(w, method.quantize(w, inputs).planes(), gram);
        double[] after =
            CorrelatedInputs.rowErrors(w, DLT.around(method).quantize(w, inputs).planes(), gram);
        for (int row = 0; row < 20; row++) {
          assertTrue(after[row] <= before[row] * (1 + 1e-4), "row " + row + " of " + method);
        }
      }
    }
  }

  @Test
  void weightsWithAMeanLoseFarLess() {
    Matrix w = RandomWeights.gaussian(20, 192, 5);
    for (int i = 0; i < w.values().length; i++) {
      w.values()[i] += i / 64 % 2 == 0 ? 0.8f : -0.5f;
    }
    Matrix gram = CorrelatedInputs.gram(192, 6);
    LayerInputs inputs = CorrelatedInputs.of(gram);
    Quantizer gptq = GPTQ.around(ONE);
    double before = CorrelatedInputs.outputError(w, gptq.quantize(w, inputs).planes(), gram);
    double after =
        CorrelatedInputs.outputError(w, DLT.around(gptq).quantize(w, inputs).planes(), gram);
    assertTrue(after < 0.7 * before, after + " of " + before);
  }

  /** The error is a parabola of each shift; with no damping its minimum is what was found. */
  @Test
  void aShiftIsTheBestForItsTrits() {
    Matrix w = RandomWeights.laplace(6, 150, 7);
    Matrix gram = CorrelatedInputs.gram(150, 8);
    TritPlanes found = new Dlt(0, 0).around(ONE).quantize(w, CorrelatedInputs.of(gram)).planes();
    double[] least = CorrelatedInputs.rowErrors(w, found, gram);
    int groups = 3;
    for (int group = 0; group < groups; group++) {
      for (float step : new float[] {-0.01f, 0.01f}) {
        float[] scales = found.scales().clone();
        for (int row = 0; row < 6; row++) {
          scales[2 * (row * groups + group) + 1] += step;
        }
        TritPlanes moved = new TritPlanes(6, 150, found.layout(), found.trits(), scales);
        double[] errors = CorrelatedInputs.rowErrors(w, moved, gram);
        for (int row = 0; row < 6; row++) {
          assertTrue(errors[row] > least[row], "row " + row + ", group " + group);
        }
      }
    }
  }

  @Test
  void moreRoundsAreNeverWorse() {
    Matrix w = RandomWeights.laplace(9, 96, 7);
    Matrix gram = CorrelatedInputs.gram(96, 8);
    double last = Double.POSITIVE_INFINITY;
    for (int rounds : new int[] {0, 1, 3}) {
      Quantizer method = new Dlt(rounds, 0.001).around(GPTQ.around(ONE));
      double error =
          CorrelatedInputs.outputError(
              w, method.quantize(w, CorrelatedInputs.of(gram)).planes(), gram);
      assertTrue(error <= last, error + " after " + last);
      last = error;
    }
  }

  @Test
  void theReportHasTheErrorOfWhatIsStored() {
    Matrix w = RandomWeights.laplace(12, 128, 9);
    Matrix gram = CorrelatedInputs.gram(128, 10);
    Matrix unseen = CorrelatedInputs.gram(128, 11);
    LayerStatistics heldOut = LayerStatistics.of(100, unseen);
    LayerStatistics all = new LayerStatistics(1000, gram, null, null, null, heldOut);
    Solution solved = DLT.around(GPTQ.around(ONE)).solve(w, LayerInputs.NONE.with(all));
    double error = CorrelatedInputs.outputError(w, solved.codes().planes(), gram);
    assertEquals(error, solved.report().calibration().squaredError(), 1e-4 * error);
    double on = CorrelatedInputs.outputError(w, solved.codes().planes(), unseen);
    assertEquals(on, solved.report().heldOut().squaredError(), 1e-4 * on);
    assertEquals(0.01, solved.report().damping());
  }

  @Test
  void scalesAreCountedWithoutShifts() {
    Matrix w = RandomWeights.laplace(4, 128, 12);
    TritPlanes found =
        DLT.around(ONE).quantize(w, CorrelatedInputs.of(CorrelatedInputs.gram(128, 1))).planes();
    ScaleStatistics scales = ScaleStatistics.of(found.scales(), found.layout());
    assertEquals(8, scales.count());
    assertTrue(scales.min() > 0);
    assertNotEquals(0f, found.shift(3, 1));
  }

  @Test
  void itNeedsTheGramMatrixAndWhatTheWrappedMethodNeeds() {
    assertEquals(Set.of(Need.GRAM), DLT.around(ONE).needs());
    assertEquals(
        Set.of(Need.GRAM, Need.HELD_OUT), DLT.around(new Comq(4, 0.01).around(ONE)).needs());
    assertEquals(((PlaneLayout) ONE.levels()).withShift(), DLT.around(ONE).levels());
  }

  @Test
  void whatDoesNotGoTogetherIsRefused() {
    Quantizer shifted = DLT.around(ONE);
    assertThrows(IllegalArgumentException.class, () -> DLT.around(shifted));
    assertThrows(IllegalArgumentException.class, () -> GPTQ.around(shifted));
    assertThrows(IllegalArgumentException.class, () -> new Comq(4, 0.01).around(shifted));
    assertThrows(
        IllegalArgumentException.class, () -> new Flexround(5, 0.02, 0.01).around(shifted));
    assertThrows(
        IllegalArgumentException.class, () -> DLT.around(new TritRows(3.3, Group.of(128))));
    assertThrows(IllegalArgumentException.class, () -> DLT.around(new Absmean(Group.TENSOR)));
    assertThrows(
        IllegalArgumentException.class, () -> DLT.around(new Qep(1, 0.01, false).around(ONE)));
    assertThrows(IllegalArgumentException.class, () -> new Dlt(-1, 0));
    assertThrows(IllegalArgumentException.class, () -> new Dlt(1, -0.1));
  }
}
