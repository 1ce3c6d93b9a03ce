package io.tritmill.kernels.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.code.Coded;
import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PackedMatrix;
import io.tritmill.kernels.code.UnusableWeightException;
import io.tritmill.kernels.parallel.Cores;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every method promises. A method's test implements it and says what it tests. */
public interface QuantizerContract {
  int[] WIDTHS = {1, 13, 128, 172, 257};

  Quantizer quantizer();

  /** The next number of columns from a wanted one on that the method has levels for. */
  default int columns(int wanted) {
    return wanted;
  }

  /** The squared error of the rounding that the method claims to beat. */
  double errorToBeat(Matrix weight);

  static double squaredError(Quantizer quantizer, Matrix weight) {
    return ReconstructionError.of(weight, quantizer.quantize(weight)).squaredError();
  }

  @Test
  default void shapeAndLayoutAreAnnounced() {
    Coded codes = quantizer().quantize(RandomWeights.gaussian(5, columns(172), 1));
    assertEquals(quantizer().levels(), codes.levels());
    assertEquals(5, codes.rows());
    assertEquals(columns(172), codes.columns());
  }

  @Test
  default void zerosStayZero() {
    int width = columns(172);
    Matrix w = RandomWeights.gaussian(3, width, 2);
    for (int column = 0; column < width; column++) {
      w.values()[width + column] = column % 2 == 0 ? 0f : -0f;
    }
    float[] weights = decoded(quantizer().quantize(w));
    for (float weight : Arrays.copyOfRange(weights, width, 2 * width)) {
      assertEquals(0f, Math.abs(weight));
    }
    for (float weight : decoded(quantizer().quantize(Matrix.zeros(2, columns(13))))) {
      assertEquals(0f, Math.abs(weight));
    }
  }

  @Test
  default void noRowsGiveNoCodes() {
    assertEquals(0, quantizer().quantize(Matrix.zeros(0, columns(13))).rows());
  }

  @Test
  default void whatIsNotFiniteIsRefusedWithItsPosition() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      Matrix w = RandomWeights.gaussian(4, columns(172), 3);
      w.values()[2 * columns(172) + 171] = bad;
      UnusableWeightException thrown =
          assertThrows(UnusableWeightException.class, () -> quantizer().quantize(w));
      assertEquals(2, thrown.row());
      assertEquals("found " + bad + " in column 171, expected a finite weight", thrown.reason());
    }
  }

  @Test
  default void notFiniteIsRefusedWithoutEarlierPassesToo() {
    Matrix w = RandomWeights.gaussian(4, columns(13), 3);
    LayerInputs inputs = LayerInputs.NONE;
    for (int pass = 0; pass < quantizer().passes(); pass++) {
      inputs = inputs.with(quantizer().observe(w, inputs));
    }
    w.values()[columns(13)] = Float.NaN;
    LayerInputs gathered = inputs;
    assertEquals(
        1,
        assertThrows(UnusableWeightException.class, () -> quantizer().quantize(w, gathered)).row());
  }

  @Test
  default void scaleBeyondHalfIsRefusedWithItsValue() {
    int width = columns(13);
    Matrix w = Matrix.zeros(3, width);
    for (int i = 0; i < w.values().length; i++) {
      w.values()[i] = i < width ? 1 : 4e9f;
    }
    UnusableWeightException thrown =
        assertThrows(UnusableWeightException.class, () -> quantizer().quantize(w));
    assertTrue(thrown.getMessage().contains("expected at most 65"), thrown.getMessage());
    if (quantizer().levels().group().kind() != Group.Kind.TENSOR) {
      assertEquals(1, thrown.row());
    }
  }

  @Test
  default void sameInputGivesSameBytes() {
    Matrix w = RandomWeights.laplace(9, columns(257), 4);
    float[] before = w.values().clone();
    List<byte[]> once = quantizer().quantize(w).pack().pieces();
    List<byte[]> again = quantizer().quantize(w).pack().pieces();
    for (int i = 0; i < once.size(); i++) {
      assertArrayEquals(once.get(i), again.get(i));
    }
    assertArrayEquals(before, w.values());
  }

  @Test
  default void packingLosesNothing() {
    for (int wanted : WIDTHS) {
      int width = columns(wanted);
      Coded codes = quantizer().quantize(RandomWeights.laplace(7, width, width));
      PackedMatrix packed = codes.pack();
      packed.requireCodes();
      assertArrayEquals(decoded(codes), decoded(packed));
      assertEquals(8 * codes.levels().bytes(7, width), packed.bits());
      PackedMatrix read = codes.levels().packed(7, width, packed.pieces());
      assertArrayEquals(decoded(codes), decoded(read));
    }
  }

  @Test
  default void bandsEqualTheWhole() {
    for (int wanted : WIDTHS) {
      int width = columns(wanted);
      Matrix w = RandomWeights.laplace(23, width, 5);
      float[] whole = decoded(quantizer().quantize(w));
      for (int rows : new int[] {1, 4, 22}) {
        List<Matrix> bands = new ArrayList<>();
        for (int first = 0; first < 23; first += rows) {
          bands.add(w.band(first, Math.min(rows, 23 - first)));
        }
        assertArrayEquals(whole, quantizeBands(bands, width));
      }
    }
  }

  @Test
  default void severalCoresEqualOne() {
    Matrix w = RandomWeights.laplace(390, columns(128), 6);
    float[] alone = decoded(quantizer().quantize(w));
    assertArrayEquals(alone, Cores.lend(3, () -> decoded(quantizer().quantize(w))));
  }

  private float[] quantizeBands(List<Matrix> bands, int width) {
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
    float[] joined = new float[bands.stream().mapToInt(Matrix::rows).sum() * width];
    int at = 0;
    for (Matrix band : bands) {
      quantizer().quantize(band, inputs).decode(0, band.rows(), joined, at);
      at += band.rows() * width;
    }
    return joined;
  }

  @Test
  default void doublingTheWeightsDoublesTheLevelsAlone() {
    int width = columns(257);
    Matrix w = RandomWeights.laplace(9, width, 6);
    Matrix doubled = Matrix.zeros(9, width);
    for (int i = 0; i < doubled.values().length; i++) {
      w.values()[i] *= 16; // no scale is a subnormal half
      doubled.values()[i] = 2 * w.values()[i];
    }
    float[] twice = decoded(quantizer().quantize(w));
    for (int i = 0; i < twice.length; i++) {
      twice[i] *= 2;
    }
    assertArrayEquals(twice, decoded(quantizer().quantize(doubled)));
  }

  @Test
  default void beatsWhatItClaimsToBeat() {
    for (Matrix w :
        List.of(RandomWeights.gaussian(16, 512, 7), RandomWeights.laplace(16, 512, 8))) {
      double error = squaredError(quantizer(), w);
      assertTrue(error < errorToBeat(w), () -> error + " against " + errorToBeat(w));
    }
  }

  /** All weights, row after row. */
  private static float[] decoded(WeightRows weights) {
    float[] values = new float[weights.rows() * weights.columns()];
    weights.decode(0, weights.rows(), values, 0);
    return values;
  }
}
