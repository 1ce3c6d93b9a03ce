package io.tritmill.kernels.quantize.round;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.QuantizerContract;
import io.tritmill.kernels.quantize.TritContract;
import io.tritmill.kernels.tensor.Matrix;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class StatisticalTest implements TritContract {
  @Override
  public Quantizer quantizer() {
    return new Statistical(Group.ROW);
  }

  @Override
  public double errorToBeat(Matrix weight) {
    return QuantizerContract.squaredError(new Absmean(Group.ROW), weight);
  }

  @Nested
  class OfATensor implements TritContract {
    @Override
    public Quantizer quantizer() {
      return new Statistical(Group.TENSOR);
    }

    @Override
    public double errorToBeat(Matrix weight) {
      return QuantizerContract.squaredError(new Absmean(Group.TENSOR), weight);
    }
  }

  @Test
  void byHand() {
    // mean|w| = 3, scale 4, threshold 2: a magnitude of exactly 2 becomes 0.
    Matrix w = new Matrix(1, 4, new float[] {6, -2, 2.5f, -1.5f});
    TritPlanes planes = new Statistical(Group.ROW).quantize(w).planes();
    assertArrayEquals(new float[] {4}, planes.scales());
    assertArrayEquals(new byte[] {1, 0, 1, 0}, planes.trits()[0]);
  }
}
