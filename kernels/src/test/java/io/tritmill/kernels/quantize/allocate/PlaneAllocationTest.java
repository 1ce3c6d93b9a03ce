package io.tritmill.kernels.quantize.allocate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PlaneCounts;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.CorrelatedInputs;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.LayerStatistics;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.RandomWeights;
import io.tritmill.kernels.quantize.compensate.Comq;
import io.tritmill.kernels.quantize.compensate.Gptq;
import io.tritmill.kernels.quantize.compensate.OutputMetric;
import io.tritmill.kernels.quantize.compensate.Qep;
import io.tritmill.kernels.quantize.compensate.Rsq;
import io.tritmill.kernels.quantize.round.Ptqtp;
import io.tritmill.kernels.quantize.round.RowPlanes;
import io.tritmill.kernels.quantize.round.TritRows;
import io.tritmill.kernels.tensor.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PlaneAllocationTest {
  private static final Group GROUP = Group.of(32);

  private static final TritRows ROWS = new TritRows(3.3, GROUP);

  /** Three planes and the counts of a layer end within a byte. */
  private static final int PADDING = 32;

  @Test
  void rowsThatSufferMostGetMost() {
    double[][] damage = {{100, 1, 10}, {10, 0.9, 4}, {1, 0.8, 3}};
    PlaneAllocation.Layer layer = new PlaneAllocation.Layer(damage, 100, 0);
    // 6 planes for 3 rows: 3 for the first, 1 for the second, 2 for the third.
    assertArrayEquals(new byte[] {3, 1, 2}, allocated(layer, PADDING + 6 * 160 + 6));
    assertArrayEquals(new byte[] {3, 3, 3}, allocated(layer, PADDING + 9 * 160 + 6));
    assertArrayEquals(new byte[] {1, 1, 1}, allocated(layer, PADDING + 4 * 160 - 1 + 6));
    assertThrows(IllegalArgumentException.class, () -> allocated(layer, PADDING + 3 * 160 - 1 + 6));
    assertEquals(PADDING + 3 * 160 + 6, PlaneAllocation.bits(3, 100, Group.ROW, 1) - 3 * 16);
  }

  private static byte[] allocated(PlaneAllocation.Layer layer, double bits) {
    return PlaneAllocation.allocate(List.of(layer), bits).getFirst().toArray();
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
            new Gptq(0.01, false, false).around(new TritRows(3.3, GROUP)));
    for (double bits : new double[] {2.5, 3.3, 4.0}) {
      assertBest(List.of(layer), bits * 5 * 64 + PADDING);
    }
  }

  /** Layers of different widths, and damages that do not fall evenly with planes, or not at all. */
  @Property(tries = 60)
  void noOtherChoiceOfItsSizeHasLessDamageOverLayers(@ForAll Random random) {
    List<PlaneAllocation.Layer> layers = new ArrayList<>();
    for (int columns : new int[] {5, 40, 41}) {
      double[][] damage = new double[3][2];
      for (double[] rows : damage) {
        for (int row = 0; row < rows.length; row++) {
          rows[row] = random.nextInt(10) == 0 ? 0 : Math.exp(3 * random.nextGaussian());
        }
      }
      layers.add(new PlaneAllocation.Layer(damage, columns, 1 + columns / 40));
    }
    double least = size(layers, List.of(ones(2), ones(2), ones(2)));
    assertBest(layers, least * (1 + 2 * random.nextDouble()));
  }

  private static byte[] ones(int rows) {
    byte[] ones = new byte[rows];
    Arrays.fill(ones, (byte) 1);
    return ones;
  }

  /** Tries all choices: none that is as small has less damage, and the budget is kept. */
  private static void assertBest(List<PlaneAllocation.Layer> layers, double bits) {
    List<byte[]> chosen =
        PlaneAllocation.allocate(layers, bits).stream().map(PlaneCounts::toArray).toList();
    double size = size(layers, chosen);
    assertTrue(size <= bits);
    List<byte[]> other = chosen.stream().map(byte[]::clone).toList();
    int rows = other.stream().mapToInt(planes -> planes.length).sum();
    for (int code = 0; code < Math.pow(3, rows); code++) {
      int rest = code;
      for (byte[] planes : other) {
        for (int row = 0; row < planes.length; row++, rest /= 3) {
          planes[row] = (byte) (1 + rest % 3);
        }
      }
      if (size(layers, other) <= size) {
        assertTrue(damage(layers, other) >= damage(layers, chosen) * (1 - 1e-9));
      }
    }
  }

  @Test
  void damagesAreThoseOfTheirDefinition() {
    Matrix w = RandomWeights.gaussian(4, 40, 3);
    Matrix gram = CorrelatedInputs.gram(40, 4);
    Matrix metric = CorrelatedInputs.gram(4, 5);
    LayerStatistics statistics = new LayerStatistics(1, gram, null, null, metric, null);
    TritPlanes planes = new Ptqtp(1, GROUP, false, 50).quantize(w).planes();
    double[] found = PlaneAllocation.damages(w, planes, statistics);
    double[] errors = CorrelatedInputs.rowErrors(w, planes, gram);
    for (int row = 0; row < 4; row++) {
      double expected = metric.values()[row * 5] * errors[row] / 2;
      assertEquals(expected, found[row], 1e-4 * expected);
    }
  }

  @Test
  void stagesThatMakeRowsDependAreLeftOut() {
    Matrix w = RandomWeights.gaussian(4, 40, 3);
    LayerStatistics statistics =
        new LayerStatistics(
            1, CorrelatedInputs.gram(40, 4), null, null, CorrelatedInputs.gram(4, 5), null);
    Quantizer comq = new Comq(2, 0.01).around(new Gptq(0.01, false, false).around(ROWS));
    Quantizer all = new Qep(1, 0.01, true).around(new OutputMetric(0.1, 2).around(comq));
    assertEquals(ROWS, all.rounding());
    Quantizer weighted = new Rsq(0.1).around(all);
    assertArrayEquals(
        PlaneAllocation.layer(w, statistics, all).damage()[1],
        PlaneAllocation.layer(w, statistics, weighted).damage()[1]);
    assertTrue(all.needs().containsAll(comq.needs()));
    double[][] expected = PlaneAllocation.layer(w, statistics, comq).damage();
    double[][] found = PlaneAllocation.layer(w, statistics, all).damage();
    for (int planes = 0; planes < 3; planes++) {
      assertArrayEquals(expected[planes], found[planes]);
    }
    assertThrows(IllegalStateException.class, () -> ROWS.quantize(w));
  }

  @Test
  void rowsAreSolvedWithTheirOwnPlanes() {
    Matrix w = RandomWeights.gaussian(6, 70, 6);
    PlaneCounts planes = new PlaneCounts(new byte[] {1, 2, 3, 3, 2, 1});
    LayerInputs inputs = CorrelatedInputs.of(CorrelatedInputs.gram(70, 7));
    Gptq gptq = new Gptq(0.01, false, false);
    TritPlanes mixed = gptq.around(new RowPlanes(planes, GROUP)).quantize(w, inputs).planes();
    float[] decoded = new float[6 * 70];
    mixed.decode(0, 6, decoded, 0);
    for (int count = 1; count <= 3; count++) {
      TritPlanes same =
          gptq.around(new Ptqtp(count, GROUP, count > 1, 50)).quantize(w, inputs).planes();
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
        new Comq(2, 0.01)
            .around(gptq.around(new RowPlanes(planes, GROUP)))
            .quantize(w, inputs)
            .planes();
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

  private static double size(List<PlaneAllocation.Layer> layers, List<byte[]> planes) {
    double size = 0;
    for (int l = 0; l < planes.size(); l++) {
      size += PADDING;
      for (byte count : planes.get(l)) {
        size += layers.get(l).bits(count);
      }
    }
    return size;
  }

  private static double damage(List<PlaneAllocation.Layer> layers, List<byte[]> planes) {
    double damage = 0;
    for (int l = 0; l < planes.size(); l++) {
      for (int row = 0; row < planes.get(l).length; row++) {
        damage += layers.get(l).damage()[planes.get(l)[row] - 1][row];
      }
    }
    return damage;
  }
}
