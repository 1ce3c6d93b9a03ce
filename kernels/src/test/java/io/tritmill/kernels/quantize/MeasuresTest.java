package io.tritmill.kernels.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.code.ScaleStatistics;
import io.tritmill.kernels.code.TritCounts;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.tensor.Matrix;
import org.junit.jupiter.api.Test;

class MeasuresTest {
  private static final TritPlanes PLANES =
      new TritPlanes(
          2,
          5,
          new PlaneLayout(2, Group.of(3), false),
          new byte[][] {{1, -1, 0, 0, 0, 0, 0, 1, 1, 1}, {0, 0, 0, 0, 0, 0, 0, 0, -1, -1}},
          new float[] {2, 1, 4, 0.5f, 3, 1, 2, 2});

  @Test
  void errorByHand() {
    Matrix w = new Matrix(1, 2, new float[] {3, 4});
    Matrix decoded = new Matrix(1, 2, new float[] {3, 4.5f});
    ReconstructionError error = ReconstructionError.of(w, decoded);
    assertEquals(new ReconstructionError(0.25, 25, 2), error);
    assertEquals(0.1, error.relative(), 1e-15);
    assertEquals(20, error.sqnrDb(), 1e-12);
    assertEquals(0.125, error.mse());
    assertEquals(new ReconstructionError(0.5, 50, 4), error.plus(error));
    assertEquals(error, ReconstructionError.NONE.plus(error));
  }

  @Test
  void noErrorIsNoNumberBeyondUse() {
    Matrix zeros = Matrix.zeros(2, 3);
    ReconstructionError none = ReconstructionError.of(zeros, zeros);
    assertEquals(0, none.relative());
    assertEquals(0, none.mse());
    assertEquals(Double.POSITIVE_INFINITY, none.sqnrDb());
    assertEquals(0, ReconstructionError.NONE.mse());
  }

  @Test
  void shapesMustAgree() {
    assertThrows(
        IllegalArgumentException.class,
        () -> ReconstructionError.of(Matrix.zeros(2, 3), Matrix.zeros(3, 2)));
  }

  @Test
  void countsByHand() {
    assertEquals(new TritCounts(1, 5, 4), TritCounts.of(PLANES, 0));
    assertEquals(new TritCounts(2, 8, 0), TritCounts.of(PLANES, 1));
    TritCounts all = TritCounts.of(PLANES);
    assertEquals(new TritCounts(3, 13, 4), all);
    assertEquals(20, all.total());
    assertEquals(0.15, all.shareNegative());
    assertEquals(0.65, all.shareZero());
    assertEquals(0.2, all.sharePositive());
    assertEquals(1.5, new TritCounts(1, 2, 1).entropyBits(), 1e-15);
    assertEquals(0, new TritCounts(0, 7, 0).entropyBits());
    assertTrue(Double.isNaN(TritCounts.NONE.entropyBits()));
  }

  @Test
  void scalesByHand() {
    ScaleStatistics scales = ScaleStatistics.of(PLANES.scales(), PLANES.layout());
    assertEquals(new ScaleStatistics(8, 0.5f, 15.5, 4), scales);
    assertEquals(15.5 / 8, scales.mean());
    assertEquals(new ScaleStatistics(16, 0.5f, 31, 4), scales.plus(scales));
    assertEquals(scales, ScaleStatistics.NONE.plus(scales));
  }
}
