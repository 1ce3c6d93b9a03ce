package io.tritmill.kernels.quantize.round;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.code.Blocks;
import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.quantize.CorrelatedInputs;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.QuantizerContract;
import io.tritmill.kernels.quantize.RandomWeights;
import io.tritmill.kernels.quantize.compensate.Comq;
import io.tritmill.kernels.quantize.compensate.Gptq;
import io.tritmill.kernels.quantize.compensate.OutputMetric;
import io.tritmill.kernels.quantize.compensate.Qep;
import io.tritmill.kernels.tensor.Matrix;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BlocksTest {
  /** A contract of methods whose rows are whole blocks. */
  interface OfBlocks extends QuantizerContract {
    @Override
    default int columns(int wanted) {
      return Math.ceilDiv(wanted, 256) * 256;
    }
  }

  static List<Quantizer> methods() {
    return List.of(new Q4_1(), new Q5_1(), new Q2K(), new Q3K(), new Q4K(), new Q5K(), new Q6K());
  }

  @Nested
  class OfFourBitsInOneRun implements OfBlocks {
    @Override
    public int columns(int wanted) {
      return Math.ceilDiv(wanted, 32) * 32;
    }

    @Override
    public Quantizer quantizer() {
      return new Q4_1();
    }

    @Override
    public double errorToBeat(Matrix weight) {
      return 0.97 * QuantizerContract.squaredError(new Int(4, Group.of(32), false), weight);
    }
  }

  @Nested
  class OfFiveBitsInOneRun implements OfBlocks {
    @Override
    public int columns(int wanted) {
      return Math.ceilDiv(wanted, 32) * 32;
    }

    @Override
    public Quantizer quantizer() {
      return new Q5_1();
    }

    @Override
    public double errorToBeat(Matrix weight) {
      return 0.97 * QuantizerContract.squaredError(new Int(5, Group.of(32), false), weight);
    }
  }

  @Nested
  class OfTwoBits implements OfBlocks {
    @Override
    public Quantizer quantizer() {
      return new Q2K();
    }

    @Override
    public double errorToBeat(Matrix weight) {
      return QuantizerContract.squaredError(new Int(2, Group.of(16), false), weight);
    }
  }

  @Nested
  class OfThreeBits implements OfBlocks {
    @Override
    public Quantizer quantizer() {
      return new Q3K();
    }

    @Override
    public double errorToBeat(Matrix weight) {
      return QuantizerContract.squaredError(new Int(3, Group.of(32), true), weight);
    }
  }

  @Nested
  class OfFourBits implements OfBlocks {
    @Override
    public Quantizer quantizer() {
      return new Q4K();
    }

    @Override
    public double errorToBeat(Matrix weight) {
      return 0.85 * QuantizerContract.squaredError(new Int(4, Group.of(32), true), weight);
    }
  }

  @Nested
  class OfFiveBits implements OfBlocks {
    @Override
    public Quantizer quantizer() {
      return new Q5K();
    }

    @Override
    public double errorToBeat(Matrix weight) {
      return 0.85 * QuantizerContract.squaredError(new Int(5, Group.of(32), true), weight);
    }
  }

  @Nested
  class OfSixBits implements OfBlocks {
    @Override
    public Quantizer quantizer() {
      return new Q6K();
    }

    @Override
    public double errorToBeat(Matrix weight) {
      return QuantizerContract.squaredError(new Int(6, Group.of(32), true), weight);
    }
  }

  @ParameterizedTest
  @MethodSource("methods")
  void stagesLowerTheErrorOfTheOutputs(Quantizer rounding) {
    Matrix w = RandomWeights.laplace(48, 512, 11);
    Matrix gram = CorrelatedInputs.gram(512, 12);
    LayerInputs inputs = CorrelatedInputs.of(gram);
    double plain = CorrelatedInputs.outputError(w, rounding.quantize(w), gram);
    Quantizer gptq = new Gptq(0.01, false, false).around(rounding);
    double compensated = CorrelatedInputs.outputError(w, gptq.quantize(w, inputs), gram);
    Quantizer comq = new Comq(3, 0.01).around(gptq);
    double descended = CorrelatedInputs.outputError(w, comq.quantize(w, inputs), gram);
    assertTrue(compensated < 0.4 * plain, () -> compensated + " against " + plain);
    assertTrue(descended < compensated, () -> descended + " against " + compensated);
  }

  @ParameterizedTest
  @MethodSource("methods")
  void everyStageGivesBlocks(Quantizer rounding) {
    Matrix w = RandomWeights.laplace(32, 256, 13);
    Matrix gram = CorrelatedInputs.gram(256, 14);
    Matrix none = Matrix.zeros(256, 256);
    LayerInputs inputs =
        LayerInputs.NONE.with(
            new LayerStatistics(1000, gram, none, null, CorrelatedInputs.gram(32, 15), null));
    double plain = CorrelatedInputs.outputError(w, rounding.quantize(w), gram);
    Quantizer gptq = new Gptq(0.01, false, false).around(rounding);
    for (Quantizer method :
        List.of(
            new Gptq(0.01, true, true).around(rounding),
            new Qep(1, 0.01, false).around(gptq),
            new OutputMetric(0.1, 2).around(gptq),
            new OutputMetric(0.1, 2).around(new Comq(2, 0.01).around(gptq)))) {
      Blocks blocks = (Blocks) method.quantize(w, inputs);
      assertEquals(rounding.levels(), blocks.levels());
      double error = CorrelatedInputs.outputError(w, blocks, gram);
      assertTrue(error < plain, () -> method + ": " + error + " against " + plain);
    }
  }

  @Test
  void aRunOfSmallWeightsBesideLargeOnesIsNoUnderflow() {
    Matrix w = RandomWeights.gaussian(1, 256, 16);
    for (int i = 0; i < 16; i++) {
      w.values()[i] = 1e-7f;
    }
    for (Quantizer method : methods()) {
      assertEquals(false, method.quantize(w).zero(0, 0), method.toString());
    }
    assertTrue(new Q4K().quantize(Matrix.zeros(1, 256)).zero(0, 3));
  }

  @Test
  void weightsOfOneSignHaveTheirLeastValue() {
    Matrix w = RandomWeights.gaussian(8, 256, 17);
    for (int i = 0; i < w.values().length; i++) {
      w.values()[i] = -1 - Math.abs(w.values()[i]);
    }
    double ofSigned = QuantizerContract.squaredError(new Int(4, Group.of(32), true), w);
    assertTrue(QuantizerContract.squaredError(new Q4K(), w) < 0.02 * ofSigned);
  }

  @Test
  void aBlockOfOneRunBeginsOnEitherSideOfZero() {
    Matrix w = RandomWeights.gaussian(8, 96, 18);
    double around = QuantizerContract.squaredError(new Q4_1(), w);
    for (float offset : new float[] {-0.25f, 0.25f}) {
      Matrix moved = Matrix.zeros(8, 96);
      for (int i = 0; i < moved.values().length; i++) {
        moved.values()[i] = w.values()[i] + offset;
      }
      double beside = QuantizerContract.squaredError(new Q4_1(), moved);
      assertTrue(beside < 1.01 * around, () -> beside + " against " + around);
    }
  }

  @Test
  void halvesAreChosenTogetherWhereTheyAreCoarse() {
    Matrix w = RandomWeights.gaussian(8, 64, 19);
    for (int i = 0; i < w.values().length; i++) {
      w.values()[i] = 1.0005f + 0.004f * w.values()[i];
    }
    // Halves lie 0.001 apart here, further than some weights from the least of them.
    double mean = QuantizerContract.squaredError(new Q4_1(), w) / w.values().length;
    assertTrue(mean < 3e-10, () -> "found " + mean);
  }
}
