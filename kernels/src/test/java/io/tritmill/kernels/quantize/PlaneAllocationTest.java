package io.tritmill.kernels.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.tensor.Matrix;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlaneAllocationTest {
  private static final Group GROUP = Group.of(32);

  @Test
  void rowsThatSufferMostGetMost() {
    double[][] damage = {{100, 1, 10}, {10, 0.9, 4}, {1, 0.8, 3}};
    PlaneAllocation.Layer layer = new PlaneAllocation.Layer(damage, 100, 0);
    // 6 planes for 3 rows: 3 for the first, 1 for the second, 2 for the third.
    double bits = (6 * 160 + 6) / 300.0;
    assertArrayEquals(new byte[][] {{3, 1, 2}}, PlaneAllocation.allocate(List.of(layer), bits));
    assertArrayEquals(new byte[][] {{3, 3, 3}}, PlaneAllocation.allocate(List.of(layer), 5));
    assertArrayEquals(new byte[][] {{1, 1, 1}}, PlaneAllocation.allocate(List.of(layer), 1.7));
    assertThrows(
        IllegalArgumentException.class, () -> PlaneAllocation.allocate(List.of(layer), 1.5));
  }

  @Test
  void noOtherChoiceOfItsSizeHasLessDamage() {
    Matrix w = RandomWeights.laplace(5, 64, 1);
    for (int i = 0; i < 64; i++) {
      w.values()[i] *= 4;
    }
    PlaneAllocation.Layer layer =
        PlaneAllocation.layer(
            w,
            LayerStatistics.of(1, CorrelatedInputs.gram(64, 2)),
            GROUP,
            new Gptq(0.01, false, false)::around);
    for (double bits : new double[] {2.5, 3.3, 4.0}) {
      byte[] chosen = PlaneAllocation.allocate(List.of(layer), bits)[0];
      double size = size(layer, chosen);
      assertTrue(size <= bits * 5 * 64);
      byte[] other = new byte[5];
      for (int code = 0; code < 243; code++) {
        for (int row = 0, rest = code; row < 5; row++, rest /= 3) {
          other[row] = (byte) (1 + rest % 3);
        }
        if (size(layer, other) <= size) {
          assertTrue(damage(layer, other) >= damage(layer, chosen) * (1 - 1e-9));
        }
      }
    }
  }

  @Test
  void damagesAreThoseOfTheirDefinition() {
    Matrix w = RandomWeights.gaussian(4, 40, 3);
    Matrix gram = CorrelatedInputs.gram(40, 4);
    Matrix metric = CorrelatedInputs.gram(4, 5);
    LayerStatistics statistics = new LayerStatistics(1, gram, null, null, metric, null);
    TritPlanes planes = new Ptqtp(1, GROUP, false, 50).quantize(w);
    double[] found = PlaneAllocation.damages(w, planes, statistics);
    double[] errors = CorrelatedInputs.rowErrors(w, planes, gram);
    for (int row = 0; row < 4; row++) {
      double expected = metric.values()[row * 5] * errors[row] / 2;
      assertEquals(expected, found[row], 1e-4 * expected);
    }
  }

  @Test
  void rowsAreSolvedWithTheirOwnPlanes() {
    Matrix w = RandomWeights.gaussian(6, 70, 6);
    PlaneCounts planes = new PlaneCounts(new byte[] {1, 2, 3, 3, 2, 1});
    LayerInputs inputs = CorrelatedInputs.of(CorrelatedInputs.gram(70, 7));
    Gptq gptq = new Gptq(0.01, false, false);
    TritPlanes mixed = gptq.around(new RowPlanes(planes, GROUP)).quantize(w, inputs);
    float[] decoded = new float[6 * 70];
    mixed.decode(0, 6, decoded, 0);
    for (int count = 1; count <= 3; count++) {
      TritPlanes same = gptq.around(new Ptqtp(count, GROUP, count > 1, 50)).quantize(w, inputs);
      float[] expected = new float[6 * 70];
      same.decode(0, 6, expected, 0);
      for (int row = 0; row < 6; row++) {
        if (planes.of(row) == count) {
          assertArrayEquals(
              Arrays.copyOfRange(expected, row * 70, row * 70 + 70),
              Arrays.copyOfRange(decoded, row * 70, row * 70 + 70));
        }
      }
    }
    for (int i = 0; i < 70; i++) {
      assertEquals(0, mixed.trits()[0][i]);
      assertEquals(0, mixed.trits()[1][i]);
      assertEquals(0, mixed.trits()[0][70 + i]);
    }
    TritPlanes refined =
        new Comq(2, 0.01).around(gptq.around(new RowPlanes(planes, GROUP))).quantize(w, inputs);
    for (int i = 0; i < 70; i++) {
      assertEquals(0, refined.trits()[1][i]);
    }
  }

  @Test
  void planesBelongToTheirRows() {
    RowPlanes method = new RowPlanes(new PlaneCounts(new byte[] {1, 3}), GROUP);
    assertThrows(IllegalArgumentException.class, () -> method.quantize(Matrix.zeros(3, 4)));
    assertThrows(IllegalArgumentException.class, () -> new PlaneCounts(new byte[] {4}));
  }

  private static double size(PlaneAllocation.Layer layer, byte[] planes) {
    double size = 0;
    for (byte count : planes) {
      size += layer.bits(count);
    }
    return size;
  }

  private static double damage(PlaneAllocation.Layer layer, byte[] planes) {
    double damage = 0;
    for (int row = 0; row < planes.length; row++) {
      damage += layer.damage()[planes[row] - 1][row];
    }
    return damage;
  }
}
