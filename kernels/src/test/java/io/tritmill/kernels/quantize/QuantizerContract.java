package io.tritmill.kernels.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.code.UnusableWeightException;
import io.tritmill.kernels.parallel.Cores;
import io.tritmill.kernels.tensor.Matrix;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every method promises. A method's test implements it and says what it tests. */
public interface QuantizerContract {
  int[] WIDTHS = {1, 13, 128, 172, 257};

  Quantizer quantizer();

  /** The squared error of the rounding that the method claims to beat. */
  double errorToBeat(Matrix weight);

  static double squaredError(Quantizer quantizer, Matrix weight) {
    return ReconstructionError.of(weight, quantizer.quantize(weight)).squaredError();
  }

  @Test
  default void tritsAreInRange() {
    for (int width : WIDTHS) {
      for (byte[] plane :
          quantizer().quantize(RandomWeights.laplace(7, width, width)).planes().trits()) {
        for (byte trit : plane) {
          assertTrue(trit >= -1 && trit <= 1, () -> "found " + trit);
        }
      }
    }
  }

  @Test
  default void shapeAndLayoutAreAnnounced() {
    TritPlanes planes = quantizer().quantize(RandomWeights.gaussian(5, 172, 1)).planes();
    assertEquals(quantizer().levels(), planes.layout());
    assertEquals(5, planes.rows());
    assertEquals(172, planes.columns());
  }

  @Test
  default void scalesFitHalfAndAreNotNegative() {
    for (int width : WIDTHS) {
      TritPlanes planes = quantizer().quantize(RandomWeights.gaussian(7, width, width)).planes();
      for (int i = 0; i < planes.scales().length; i++) {
        float scale = planes.scales()[i];
        assertEquals(scale, Float.float16ToFloat(Float.floatToFloat16(scale)));
        boolean shift =
            planes.layout().shifted() && (i + 1) % planes.layout().scalesPerGroup() == 0;
        assertTrue(shift || scale >= 0, () -> "found " + scale);
      }
    }
  }

  @Test
  default void zeroRowsStayZero() {
    Matrix w = RandomWeights.gaussian(3, 172, 2);
    for (int column = 0; column < 172; column++) {
      w.values()[172 + column] = column % 2 == 0 ? 0f : -0f;
    }
    TritPlanes planes = quantizer().quantize(w).planes();
    for (byte[] plane : planes.trits()) {
      for (int column = 0; column < 172; column++) {
        assertEquals(0, plane[172 + column]);
      }
    }
    if (planes.layout().group().kind() != Group.Kind.TENSOR) {
      assertEquals(0f, planes.scale(1, 0, 0));
    }
  }

  @Test
  default void zeroMatrixIsZero() {
    TritPlanes planes = quantizer().quantize(Matrix.zeros(2, 13)).planes();
    assertArrayEquals(new float[planes.scales().length], planes.scales());
    for (byte[] plane : planes.trits()) {
      assertArrayEquals(new byte[26], plane);
    }
  }

  @Test
  default void noRowsGiveNoTrits() {
    TritPlanes planes = quantizer().quantize(Matrix.zeros(0, 13)).planes();
    assertEquals(0, planes.trits()[0].length);
  }

  @Test
  default void whatIsNotFiniteIsRefusedWithItsPosition() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      Matrix w = RandomWeights.gaussian(4, 172, 3);
      w.values()[2 * 172 + 171] = bad;
      UnusableWeightException thrown =
          assertThrows(UnusableWeightException.class, () -> quantizer().quantize(w));
      assertEquals(2, thrown.row());
      assertEquals("found " + bad + " in column 171, expected a finite weight", thrown.reason());
    }
  }

  @Test
  default void notFiniteIsRefusedWithoutEarlierPassesToo() {
    Matrix w = RandomWeights.gaussian(4, 13, 3);
    LayerInputs inputs = LayerInputs.NONE;
    for (int pass = 0; pass < quantizer().passes(); pass++) {
      inputs = inputs.with(quantizer().observe(w, inputs));
    }
    w.values()[13] = Float.NaN;
    LayerInputs gathered = inputs;
    assertEquals(
        1,
        assertThrows(UnusableWeightException.class, () -> quantizer().quantize(w, gathered)).row());
  }

  @Test
  default void scaleBeyondHalfIsRefusedWithItsValue() {
    Matrix w = Matrix.zeros(3, 13);
    for (int i = 0; i < w.values().length; i++) {
      w.values()[i] = i < 13 ? 1 : 4e6f;
    }
    UnusableWeightException thrown =
        assertThrows(UnusableWeightException.class, () -> quantizer().quantize(w));
    assertTrue(thrown.getMessage().contains("65504"), thrown.getMessage());
    if (quantizer().levels().group().kind() != Group.Kind.TENSOR) {
      assertEquals(1, thrown.row());
    }
  }

  @Test
  default void sameInputGivesSameBytes() {
    Matrix w = RandomWeights.laplace(9, 257, 4);
    float[] before = w.values().clone();
    assertSame(quantizer().quantize(w).planes(), quantizer().quantize(w).planes());
    assertArrayEquals(before, w.values());
  }

  @Test
  default void bandsEqualTheWhole() {
    for (int width : WIDTHS) {
      Matrix w = RandomWeights.laplace(23, width, 5);
      TritPlanes whole = quantizer().quantize(w).planes();
      for (int rows : new int[] {1, 4, 22}) {
        List<Matrix> bands = new ArrayList<>();
        for (int first = 0; first < 23; first += rows) {
          bands.add(w.band(first, Math.min(rows, 23 - first)));
        }
        assertSame(whole, quantizeBands(bands));
      }
    }
  }

  @Test
  default void severalCoresEqualOne() {
    Matrix w = RandomWeights.laplace(390, 128, 6);
    TritPlanes alone = quantizer().quantize(w).planes();
    assertSame(alone, Cores.lend(3, () -> quantizer().quantize(w).planes()));
  }

  private TritPlanes quantizeBands(List<Matrix> bands) {
    LayerInputs inputs = LayerInputs.NONE;
    for (int pass = 0; pass < quantizer().passes(); pass++) {
      double[] sums = null;
      for (Matrix band : bands) {
        double[] more = quantizer().observe(band, inputs);
        sums = sums == null ? new double[more.length] : sums;
        for (int i = 0; i < more.length; i++) {
          sums[i] += more[i];
        }
      }
      inputs = inputs.with(sums);
    }
    return join(bands, inputs);
  }

  private TritPlanes join(List<Matrix> bands, LayerInputs inputs) {
    PlaneLayout layout = (PlaneLayout) quantizer().levels();
    int columns = bands.getFirst().columns();
    int rows = bands.stream().mapToInt(Matrix::rows).sum();
    byte[][] trits = new byte[layout.planes()][rows * columns];
    float[] scales = new float[Math.toIntExact(layout.scales(rows, columns))];
    int row = 0;
    for (Matrix band : bands) {
      TritPlanes part = quantizer().quantize(band, inputs).planes();
      for (int plane = 0; plane < trits.length; plane++) {
        System.arraycopy(
            part.trits()[plane], 0, trits[plane], row * columns, band.rows() * columns);
      }
      int at =
          layout.group().kind() == Group.Kind.TENSOR
              ? 0
              : Math.toIntExact(layout.scales(row, columns));
      System.arraycopy(part.scales(), 0, scales, at, part.scales().length);
      row += band.rows();
    }
    return new TritPlanes(rows, columns, layout, trits, scales);
  }

  @Test
  default void doublingTheWeightsDoublesTheScalesAlone() {
    Matrix w = RandomWeights.laplace(9, 257, 6);
    Matrix doubled = new Matrix(9, 257, w.values().clone());
    for (int i = 0; i < doubled.values().length; i++) {
      doubled.values()[i] *= 2;
    }
    TritPlanes once = quantizer().quantize(w).planes();
    float[] scales = once.scales().clone();
    for (int i = 0; i < scales.length; i++) {
      scales[i] *= 2;
    }
    assertSame(
        new TritPlanes(9, 257, once.layout(), once.trits(), scales),
        quantizer().quantize(doubled).planes());
  }

  @Test
  default void beatsWhatItClaimsToBeat() {
    for (Matrix w :
        List.of(RandomWeights.gaussian(16, 512, 7), RandomWeights.laplace(16, 512, 8))) {
      double error = squaredError(quantizer(), w);
      assertTrue(error < errorToBeat(w), () -> error + " against " + errorToBeat(w));
    }
  }

  private static void assertSame(TritPlanes expected, TritPlanes found) {
    assertArrayEquals(expected.scales(), found.scales());
    assertArrayEquals(expected.trits(), found.trits());
  }
}
