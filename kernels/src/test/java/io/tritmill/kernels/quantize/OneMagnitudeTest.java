package io.tritmill.kernels.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PlaneCounts;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.compensate.Comq;
import io.tritmill.kernels.quantize.compensate.Gptq;
import io.tritmill.kernels.quantize.learn.Dlt;
import io.tritmill.kernels.quantize.learn.Flexround;
import io.tritmill.kernels.quantize.round.Ptqtp;
import io.tritmill.kernels.quantize.round.RowPlanes;
import io.tritmill.kernels.quantize.round.Twn;
import io.tritmill.kernels.tensor.Matrix;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Models that are ternary as they come keep every weight, whatever the bits of their scales. */
class OneMagnitudeTest {
  private static final Group GROUP = Group.of(32);
  private static final int COLUMNS = 128;

  static List<Quantizer> methods() {
    Quantizer planes = new Ptqtp(2, GROUP, true, 50);
    return List.of(
        new Twn(GROUP, 0.7f),
        new Twn(Group.ROW, 0.7f),
        new Ptqtp(1, GROUP, false, 50),
        new Ptqtp(2, GROUP, false, 50),
        planes,
        new RowPlanes(new PlaneCounts(new byte[] {1, 2, 1, 2}), GROUP),
        new Gptq(0.01, false, false).around(planes),
        new Gptq(0.01, false, false).around(new Ptqtp(2, GROUP, false, 50)),
        new Comq(2, 0.01).around(planes),
        new Flexround(3, 0.01, 0.01).around(planes),
        new Dlt(1, 0.001).around(planes));
  }

  /** Trits times a number of eleven bits for each row. */
  private static Matrix ternary(boolean oneForAll) {
    Random random = new Random(5);
    Matrix w = Matrix.zeros(4, COLUMNS);
    for (int row = 0; row < w.rows(); row++) {
      float magnitude = (1025 + (oneForAll ? 0 : 2 * row)) * 0x1p-15f;
      for (int c = 0; c < COLUMNS; c++) {
        w.values()[row * COLUMNS + c] = magnitude * (random.nextInt(3) - 1);
      }
    }
    return w;
  }

  @ParameterizedTest
  @MethodSource("methods")
  void everyWeightIsKept(Quantizer method) {
    Matrix w = ternary(false);
    LayerInputs inputs = CorrelatedInputs.of(CorrelatedInputs.gram(COLUMNS, 6));
    TritPlanes planes = method.quantize(w, inputs).planes();
    assertKept(w, planes);
  }

  @Test
  void oneScaleOfTheWholeMatrixIsKept() {
    Matrix w = ternary(true);
    TritPlanes planes = new Twn(Group.TENSOR, 0.5f).quantize(w).planes();
    assertKept(w, planes);
    assertEquals(1025 * 0x1p-15f, planes.scales()[0]);
  }

  @Test
  void oneOtherMagnitudeMakesAScaleOfEightBits() {
    Matrix w = ternary(true);
    w.values()[0] = 0.03f;
    for (Group group : List.of(GROUP, Group.ROW, Group.TENSOR)) {
      float scale = new Twn(group, 0.5f).quantize(w).planes().scale(0, 0, 0);
      assertEquals(0, Float.floatToRawIntBits(scale) & 0xffff, group.toString());
    }
  }

  private static void assertKept(Matrix w, TritPlanes planes) {
    float[] decoded = new float[w.values().length];
    planes.decode(0, w.rows(), decoded, 0);
    for (int i = 0; i < decoded.length; i++) {
      decoded[i] += 0f; // zeros without a sign
    }
    assertArrayEquals(w.values(), decoded);
  }
}
