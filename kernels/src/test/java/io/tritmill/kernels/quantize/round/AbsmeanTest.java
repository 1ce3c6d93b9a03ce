package io.tritmill.kernels.quantize.round;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.StoredScale;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.LayerInputs;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.QuantizerContract;
import io.tritmill.kernels.quantize.RandomWeights;
import io.tritmill.kernels.quantize.TritContract;
import io.tritmill.kernels.simd.Simd;
import io.tritmill.kernels.tensor.Matrix;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class AbsmeanTest implements TritContract {
  @Override
  public Quantizer quantizer() {
    return new Absmean(Group.TENSOR);
  }

  @Override
  public double errorToBeat(Matrix weight) {
    return Simd.sumOfSquares(weight.values(), 0, weight.values().length);
  }

  @Nested
  class PerGroup implements TritContract {
    @Override
    public Quantizer quantizer() {
      return new Absmean(Group.of(32));
    }

    @Override
    public double errorToBeat(Matrix weight) {
      return QuantizerContract.squaredError(new Absmean(Group.TENSOR), weight);
    }
  }

  @Test
  void byHand() {
    // mean|w| = (4 + 2 + 1 + 1 + 3 + 1) / 6 = 2; a magnitude of half of it becomes 0.
    Matrix w = new Matrix(2, 3, new float[] {4, -2, 1, -1, 3, -1});
    TritPlanes planes = new Absmean(Group.TENSOR).quantize(w).planes();
    assertArrayEquals(new float[] {2}, planes.scales());
    assertArrayEquals(new byte[] {1, -1, 0, 0, 1, 0}, planes.trits()[0]);
    TritPlanes rows = new Absmean(Group.ROW).quantize(w).planes();
    // Rows of mean 7/3 and 5/3.
    assertArrayEquals(
        new float[] {StoredScale.of(7 / 3f, 0), StoredScale.of(5 / 3f, 0)}, rows.scales());
    assertArrayEquals(new byte[] {1, -1, 0, -1, 1, -1}, rows.trits()[0]);
  }

  @Test
  void aScaleThatRoundsToZeroMakesZeros() {
    TritPlanes planes =
        new Absmean(Group.ROW).quantize(new Matrix(1, 2, new float[] {1e-9f, -1e-9f})).planes();
    assertArrayEquals(new float[] {0}, planes.scales());
    assertArrayEquals(new byte[] {0, 0}, planes.trits()[0]);
  }

  @Test
  void needsItsPass() {
    Matrix w = RandomWeights.gaussian(2, 3, 1);
    assertThrows(
        IllegalArgumentException.class,
        () -> new Absmean(Group.TENSOR).quantize(w, LayerInputs.NONE));
  }
}
