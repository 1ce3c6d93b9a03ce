package io.tritmill.kernels.quantize.round;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.CorrelatedInputs;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.QuantizerContract;
import io.tritmill.kernels.quantize.RandomWeights;
import io.tritmill.kernels.quantize.compensate.Comq;
import io.tritmill.kernels.quantize.compensate.Gptq;
import io.tritmill.kernels.tensor.Matrix;
import org.junit.jupiter.api.Test;

class UniformTest implements QuantizerContract {
  @Override
  public Quantizer quantizer() {
    return new Uniform(3, Group.of(128), true);
  }

  /** Of one ternary plane, which has three levels instead of eight. */
  @Override
  public double errorToBeat(Matrix weight) {
    return QuantizerContract.squaredError(new Ptqtp(1, Group.of(128), false, 50), weight);
  }

  @Test
  void integersAreInTheirRange() {
    Matrix w = RandomWeights.laplace(20, 300, 1);
    int[] codes = codes(new Uniform(3, Group.of(128), true).quantize(w).planes(), 2);
    for (int code : codes) {
      assertTrue(code >= -4 && code <= 3, () -> "found " + code);
    }
    for (int code : codes(new Uniform(4, Group.of(128), true).quantize(w).planes(), 3)) {
      assertTrue(code >= -8 && code <= 7, () -> "found " + code);
    }
  }

  @Test
  void aZeroPointFollowsWeightsToOneSide() {
    Matrix w = new Matrix(1, 8, new float[] {0, 1, 2, 3, 4, 5, 6, 7});
    TritPlanes planes = new Uniform(3, Group.ROW, false).quantize(w).planes();
    float[] decoded = new float[8];
    planes.decode(0, 1, decoded, 0);
    for (int i = 0; i < 8; i++) {
      assertEquals(i, decoded[i]);
    }
  }

  @Test
  void moreBitsAndZeroPointsHelp() {
    Matrix w = RandomWeights.gaussian(30, 256, 2);
    double three = QuantizerContract.squaredError(new Uniform(3, Group.of(128), true), w);
    double zero = QuantizerContract.squaredError(new Uniform(3, Group.of(128), false), w);
    double four = QuantizerContract.squaredError(new Uniform(4, Group.of(128), true), w);
    assertTrue(zero < three);
    assertTrue(four < zero);
  }

  @Test
  void compensationStaysWithinTheRange() {
    Matrix w = RandomWeights.gaussian(10, 100, 3);
    Quantizer method =
        new Comq(3, 0.01)
            .around(new Gptq(0.01, false, false).around(new Uniform(3, Group.of(50), true)));
    TritPlanes planes =
        method.quantize(w, CorrelatedInputs.of(CorrelatedInputs.gram(100, 4))).planes();
    for (int code : codes(planes, 2)) {
      assertTrue(code >= -4 && code <= 3, () -> "found " + code);
    }
  }

  private static int[] codes(TritPlanes planes, int count) {
    int[] codes = new int[planes.trits()[0].length];
    for (int plane = 0; plane < count; plane++) {
      for (int i = 0; i < codes.length; i++) {
        codes[i] += planes.layout().factor(plane) * planes.trits()[plane][i];
      }
    }
    return codes;
  }
}
