package io.tritmill.kernels.quantize.round;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.IntegerCodes;
import io.tritmill.kernels.code.IntegerLevels;
import io.tritmill.kernels.quantize.CorrelatedInputs;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.QuantizerContract;
import io.tritmill.kernels.quantize.RandomWeights;
import io.tritmill.kernels.quantize.compensate.Comq;
import io.tritmill.kernels.quantize.compensate.Gptq;
import io.tritmill.kernels.tensor.Matrix;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IntegersTest {
  /** Rounds to the nearest with the range of the weights, as formats do that search nothing. */
  private static double ofWholeRange(Matrix weight, int width, int top) {
    double error = 0;
    for (int row = 0; row < weight.rows(); row++) {
      for (int begin = 0; begin < weight.columns(); begin += width) {
        int end = Math.min(weight.columns(), begin + width);
        double largest = 0;
        for (int c = begin; c < end; c++) {
          largest = Math.max(largest, Math.abs(weight.values()[row * weight.columns() + c]));
        }
        double scale = largest / top;
        for (int c = begin; c < end; c++) {
          double w = weight.values()[row * weight.columns() + c];
          double difference = w - scale * Math.rint(w / scale);
          error += difference * difference;
        }
      }
    }
    return error;
  }

  @Nested
  class Symmetric implements QuantizerContract {
    @Override
    public Quantizer quantizer() {
      return new Int(4, Group.of(32), true);
    }

    @Override
    public double errorToBeat(Matrix weight) {
      return 0.9 * ofWholeRange(weight, 32, 7);
    }
  }

  @Nested
  class OfThreeBitsInRows implements QuantizerContract {
    @Override
    public Quantizer quantizer() {
      return new Int(3, Group.ROW, true);
    }

    @Override
    public double errorToBeat(Matrix weight) {
      return 0.5 * ofWholeRange(weight, weight.columns(), 3);
    }
  }

  @Nested
  class OfEightBits implements QuantizerContract {
    @Override
    public Quantizer quantizer() {
      return new Int(8, Group.of(64), true);
    }

    @Override
    public double errorToBeat(Matrix weight) {
      return ofWholeRange(weight, 64, 127);
    }
  }

  @Nested
  class WithZeroPoints implements QuantizerContract {
    @Override
    public Quantizer quantizer() {
      return new Int(4, Group.of(128), false);
    }

    @Override
    public double errorToBeat(Matrix weight) {
      return 0.9 * ofWholeRange(weight, 128, 7);
    }
  }

  @Nested
  class OfFourLevels implements QuantizerContract {
    @Override
    public Quantizer quantizer() {
      return new FourLevels(Group.of(64));
    }

    @Override
    public double errorToBeat(Matrix weight) {
      return QuantizerContract.squaredError(new Ptqtp(1, Group.of(64), false, 50), weight);
    }
  }

  @Test
  void aRangeThatReachesFurtherIsTurnedToTheSideThatNeedsIt() {
    float[] w = {4, 1, -2, 0, 2, -1, 3, 1};
    for (int sign : new int[] {1, -1}) {
      float[] signed = w.clone();
      for (int i = 0; i < w.length; i++) {
        signed[i] *= sign;
      }
      IntegerCodes codes =
          (IntegerCodes) new Int(3, Group.ROW, true).quantize(new Matrix(1, 8, signed));
      assertEquals(-sign, codes.scales()[0]);
      assertEquals(0, codes.codes()[0]);
      assertEquals(
          0, QuantizerContract.squaredError(new Int(3, Group.ROW, true), new Matrix(1, 8, signed)));
    }
  }

  @Test
  void aZeroPointServesWeightsOfOneSign() {
    Matrix w = RandomWeights.gaussian(8, 128, 3);
    for (int i = 0; i < w.values().length; i++) {
      w.values()[i] = Math.abs(w.values()[i]);
    }
    double around = QuantizerContract.squaredError(new Int(4, Group.of(64), true), w);
    assertTrue(QuantizerContract.squaredError(new Int(4, Group.of(64), false), w) < 0.4 * around);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void stagesLowerTheErrorOfTheOutputs(boolean symmetric) {
    Matrix w = RandomWeights.laplace(64, 256, 11);
    Matrix gram = CorrelatedInputs.gram(256, 12);
    for (Quantizer rounding :
        new Quantizer[] {new Int(3, Group.of(64), symmetric), new FourLevels(Group.of(64))}) {
      double plain = CorrelatedInputs.outputError(w, rounding.quantize(w), gram);
      Quantizer gptq = new Gptq(0.01, false, false).around(rounding);
      double compensated =
          CorrelatedInputs.outputError(w, gptq.quantize(w, CorrelatedInputs.of(gram)), gram);
      Quantizer comq = new Comq(3, 0.01).around(gptq);
      double descended =
          CorrelatedInputs.outputError(w, comq.quantize(w, CorrelatedInputs.of(gram)), gram);
      assertTrue(compensated < 0.7 * plain, () -> compensated + " against " + plain);
      assertTrue(descended < compensated, () -> descended + " against " + compensated);
    }
  }

  @Test
  void scalesHaveEightBits() {
    Quantizer gptq = new Gptq(0.01, false, false).around(new Int(4, Group.of(32), true));
    Quantizer comq = new Comq(2, 0.01).around(gptq);
    Matrix w = RandomWeights.laplace(16, 256, 13);
    IntegerCodes codes =
        (IntegerCodes) comq.quantize(w, CorrelatedInputs.of(CorrelatedInputs.gram(256, 14)));
    for (float scale : codes.scales()) {
      assertEquals(0, Float.floatToRawIntBits(scale) & 0xffff);
      assertEquals(scale, Float.float16ToFloat(Float.floatToFloat16(scale)));
    }
  }

  @Test
  void whatNoLevelsHaveIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Int(1, Group.ROW, true));
    assertThrows(IllegalArgumentException.class, () -> new Int(9, Group.ROW, true));
    assertThrows(IllegalArgumentException.class, () -> new Int(4, Group.TENSOR, true));
    assertThrows(IllegalArgumentException.class, () -> new FourLevels(Group.TENSOR));
    assertThrows(IllegalArgumentException.class, () -> new IntegerLevels(3, Group.ROW, 8));
  }
}
