package io.tritmill.kernels.quantize.round;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.StoredScale;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.QuantizerContract;
import io.tritmill.kernels.quantize.RandomWeights;
import io.tritmill.kernels.quantize.ReconstructionError;
import io.tritmill.kernels.quantize.TritContract;
import io.tritmill.kernels.tensor.Matrix;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class PtqtpTest {
  private static final Group GROUP = Group.of(128);

  @Nested
  class OnePlane implements TritContract {
    @Override
    public Quantizer quantizer() {
      return new Ptqtp(1, GROUP, false, 50);
    }

    @Override
    public double errorToBeat(Matrix weight) {
      return QuantizerContract.squaredError(new Twn(GROUP, 0.7f), weight);
    }

    @Test
    void byHand() {
      // S^2 / k of the k largest: 16, 18, 16.3, 16; so two are kept, with a scale of 3.
      TritPlanes planes =
          quantizer().quantize(new Matrix(1, 4, new float[] {4, -2, 1, -1})).planes();
      assertArrayEquals(new float[] {3}, planes.scales());
      assertArrayEquals(new byte[] {1, -1, 0, 0}, planes.trits()[0]);
    }

    @Test
    void noThresholdIsBetter() {
      for (int seed = 0; seed < 20; seed++) {
        Matrix w = seed % 2 == 0 ? gaussian(1, seed) : laplace(1, seed);
        double[] sorted = new double[128];
        for (int i = 0; i < 128; i++) {
          sorted[i] = Math.abs((double) w.values()[i]);
        }
        Arrays.sort(sorted);
        double least = Double.POSITIVE_INFINITY;
        for (int dropped = 0; dropped < 128; dropped++) {
          double scale = Arrays.stream(sorted, dropped, 128).average().orElseThrow();
          double error = 0;
          for (int i = 0; i < 128; i++) {
            error += Math.pow(sorted[i] - (i < dropped ? 0 : scale), 2);
          }
          least = Math.min(least, error);
        }
        assertEquals(
            least, QuantizerContract.squaredError(quantizer(), w), 5e-5 * least, "seed " + seed);
      }
    }
  }

  @Nested
  class TwoPlanes implements TritContract {
    @Override
    public Quantizer quantizer() {
      return new Ptqtp(2, GROUP, false, 50);
    }

    @Override
    public double errorToBeat(Matrix weight) {
      return 0.25 * QuantizerContract.squaredError(new Ptqtp(1, GROUP, false, 50), weight);
    }

    @Test
    void byHand() {
      // Equal scales of 1 give codes (1,1) (1,1) (1,1) (0,1) and so scales 2 and 1; then (1,1)
      // (1,1)
      // (1,0) (0,1) with 2.2 and 1.2; then (1,1) (1,1) (1,0) (1,-1) with 24/11 and 14/11, which
      // repeats.
      TritPlanes planes =
          quantizer().quantize(new Matrix(1, 5, new float[] {4, -3, 2, -1, 0})).planes();
      assertArrayEquals(
          new float[] {StoredScale.of(24 / 11f, 0), StoredScale.of(14 / 11f, 0)}, planes.scales());
      assertArrayEquals(new byte[] {1, -1, 1, -1, 0}, planes.trits()[0]);
      assertArrayEquals(new byte[] {1, -1, 0, 1, 0}, planes.trits()[1]);
    }

    @Test
    void agreesWithThePlainForm() {
      int groups = 400;
      int identical = 0;
      double plainError = 0;
      double error = 0;
      for (Matrix w : List.of(gaussian(groups / 2, 1), laplace(groups / 2, 2))) {
        TritPlanes planes = quantizer().quantize(w).planes();
        error += ReconstructionError.of(w, planes).squaredError();
        for (int row = 0; row < w.rows(); row++) {
          PlainPtqtp plain = new PlainPtqtp(w.band(row, 1).values(), 50);
          plainError += plain.squaredError;
          identical += sameCodes(plain, planes, row) ? 1 : 0;
        }
      }
      assertEquals(plainError, error, 1e-3 * plainError);
      assertTrue(identical >= 0.99 * groups, "identical: " + identical);
    }

    private boolean sameCodes(PlainPtqtp plain, TritPlanes planes, int row) {
      boolean same = planes.scale(row, 0, 0) == plain.scales[0];
      same &= planes.scale(row, 0, 1) == plain.scales[1];
      for (int i = 0; i < 128; i++) {
        same &= planes.trits()[0][row * 128 + i] == plain.codes[i][0];
        same &= planes.trits()[1][row * 128 + i] == plain.codes[i][1];
      }
      return same;
    }

    @Test
    void equalMagnitudesNeedOnePlane() {
      // Both scales begin equal and no level tells the planes apart.
      TritPlanes planes =
          quantizer().quantize(new Matrix(1, 4, new float[] {0.5f, -0.5f, 0.5f, 0.5f})).planes();
      float[] decoded = new float[4];
      planes.decode(0, 1, decoded, 0);
      assertArrayEquals(new float[] {0.5f, -0.5f, 0.5f, 0.5f}, decoded, 1e-3f);
    }
  }

  @Nested
  class ThreePlanes implements TritContract {
    @Override
    public Quantizer quantizer() {
      return new Ptqtp(3, GROUP, false, 50);
    }

    @Override
    public double errorToBeat(Matrix weight) {
      return QuantizerContract.squaredError(new Ptqtp(3, GROUP, true, 50), weight);
    }

    @Test
    void scalesAreLeastSquaresOfTheirCodes() {
      Matrix w = gaussian(1, 5);
      TritPlanes planes = quantizer().quantize(w).planes();
      for (int plane = 0; plane < 3; plane++) {
        double residual = 0;
        double size = 0;
        for (int i = 0; i < 128; i++) {
          double rest = w.values()[i];
          for (int p = 0; p < 3; p++) {
            rest -= (double) planes.scale(0, 0, p) * planes.trits()[p][i];
          }
          residual += planes.trits()[plane][i] * rest;
          size += Math.abs(planes.trits()[plane][i] * w.values()[i]);
        }
        // No plane can explain more of what is left, but for the rounding of scales.
        assertEquals(0, residual / size, 8e-3);
      }
    }
  }

  @Nested
  class TwoTiedPlanes implements TritContract {
    @Override
    public Quantizer quantizer() {
      return new Ptqtp(2, GROUP, true, 50);
    }

    @Override
    public double errorToBeat(Matrix weight) {
      return 1.08 * QuantizerContract.squaredError(new Ptqtp(2, GROUP, false, 50), weight);
    }

    @Test
    void byHand() {
      // The levels are 0, s, 3s - s, 3s and 3s + s.
      TritPlanes planes =
          quantizer().quantize(new Matrix(1, 5, new float[] {2, -1.5f, 1, -0.5f, 0})).planes();
      assertArrayEquals(new float[] {0.5f}, planes.scales());
      assertArrayEquals(new byte[] {1, -1, 1, 0, 0}, planes.trits()[0]);
      assertArrayEquals(new byte[] {1, 0, -1, -1, 0}, planes.trits()[1]);
    }

    @Test
    void noScaleIsMuchBetter() {
      for (int seed = 0; seed < 10; seed++) {
        Matrix w = seed % 2 == 0 ? gaussian(1, seed) : laplace(1, seed);
        double least = Double.POSITIVE_INFINITY;
        for (double scale = 1e-3; scale < 0.1; scale *= 1.002) {
          double error = 0;
          for (float value : w.values()) {
            double level = Math.min(4, Math.rint(Math.abs(value) / scale));
            error += Math.pow(Math.abs(value) - level * scale, 2);
          }
          least = Math.min(least, error);
        }
        assertEquals(
            least, QuantizerContract.squaredError(quantizer(), w), 0.04 * least, "seed " + seed);
      }
    }
  }

  @Nested
  class ThreeTiedPlanes implements TritContract {
    @Override
    public Quantizer quantizer() {
      return new Ptqtp(3, GROUP, true, 50);
    }

    @Override
    public double errorToBeat(Matrix weight) {
      return 0.25 * QuantizerContract.squaredError(new Ptqtp(2, GROUP, false, 50), weight);
    }

    @Test
    void integersComeBackAsTheyAre() {
      float[] w = new float[27];
      for (int i = 0; i < 27; i++) {
        w[i] = 0.25f * (i - 13);
      }
      TritPlanes planes = quantizer().quantize(new Matrix(1, 27, w)).planes();
      assertArrayEquals(new float[] {0.25f}, planes.scales());
      float[] decoded = new float[27];
      planes.decode(0, 1, decoded, 0);
      assertArrayEquals(w, decoded);
      // 5 = 9 - 3 - 1.
      assertEquals(1, planes.trits()[0][18]);
      assertEquals(-1, planes.trits()[1][18]);
      assertEquals(-1, planes.trits()[2][18]);
    }
  }

  @Nested
  class OfRows implements TritContract {
    @Override
    public Quantizer quantizer() {
      return new Ptqtp(2, Group.ROW, false, 50);
    }

    @Override
    public double errorToBeat(Matrix weight) {
      return QuantizerContract.squaredError(new Ptqtp(1, Group.ROW, false, 50), weight);
    }
  }

  @Test
  void everyWeightHasTheNearestLevelOfTheStoredScales() {
    for (Quantizer quantizer :
        List.of(
            new Ptqtp(1, GROUP, false, 50),
            new Ptqtp(2, GROUP, false, 50),
            new Ptqtp(2, GROUP, true, 50),
            new Ptqtp(3, GROUP, false, 50),
            new Ptqtp(3, GROUP, true, 50))) {
      Matrix w = laplace(30, 9);
      TritPlanes planes = quantizer.quantize(w).planes();
      float[] decoded = new float[w.values().length];
      planes.decode(0, w.rows(), decoded, 0);
      for (int i = 0; i < decoded.length; i++) {
        double value = w.values()[i];
        assertEquals(nearest(planes, i / 128, 0, value), Math.abs(value - decoded[i]), 1e-8);
      }
    }
  }

  /**
   * Distance of a value, less what planes before {@code plane} add, to the nearest sum of others.
   */
  private static double nearest(TritPlanes planes, int row, int plane, double rest) {
    if (plane == planes.layout().planes()) {
      return Math.abs(rest);
    }
    double least = Double.POSITIVE_INFINITY;
    for (int trit = -1; trit <= 1; trit++) {
      double scale = planes.scale(row, 0, plane);
      least = Math.min(least, nearest(planes, row, plane + 1, rest - trit * scale));
    }
    return least;
  }

  @Test
  void fewDistinctMagnitudesAreNoTrouble() {
    // Levels coincide and planes stay empty; the sums of their codes are singular.
    float[][] groups = {
      {1, 1, 1, 1}, {1, -1, 0, 0}, {2, 1, -2, -1}, {4, 2, 1, 0}, {3, 0, 0, 0}, {1, 3, 9, 13}
    };
    for (int planes = 1; planes <= 3; planes++) {
      for (boolean tied : new boolean[] {false, true}) {
        for (float[] group : groups) {
          Matrix w = new Matrix(1, 4, group);
          Quantizer quantizer = new Ptqtp(planes, GROUP, tied, 50);
          ReconstructionError error = ReconstructionError.of(w, quantizer.quantize(w));
          double limit = planes == 1 ? 0.5 : planes == 2 ? 0.12 : 0.03;
          assertTrue(error.relative() < limit, () -> quantizer + " " + Arrays.toString(group));
        }
      }
    }
  }

  @Test
  void parametersAreChecked() {
    assertEquals("planes is 1, 2 or 3, found 4", refused(4, GROUP, 50));
    assertEquals("iterations is at least 1, found 0", refused(2, GROUP, 0));
    assertTrue(refused(2, Group.TENSOR, 50).startsWith("group is a number of columns or row"));
  }

  private static String refused(int planes, Group group, int iterations) {
    return assertThrows(
            IllegalArgumentException.class, () -> new Ptqtp(planes, group, false, iterations))
        .getMessage();
  }

  private static Matrix gaussian(int groups, long seed) {
    return RandomWeights.gaussian(groups, 128, seed);
  }

  private static Matrix laplace(int groups, long seed) {
    return RandomWeights.laplace(groups, 128, seed);
  }
}
