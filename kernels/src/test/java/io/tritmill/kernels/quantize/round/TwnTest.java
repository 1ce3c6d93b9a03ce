package io.tritmill.kernels.quantize.round;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.TritPlanes;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.QuantizerContract;
import io.tritmill.kernels.quantize.TritContract;
import io.tritmill.kernels.tensor.Matrix;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class TwnTest implements TritContract {
  @Override
  public Quantizer quantizer() {
    return new Twn(Group.ROW, 0.7f);
  }

  @Override
  public double errorToBeat(Matrix weight) {
    return QuantizerContract.squaredError(new Absmean(Group.ROW), weight);
  }

  @Nested
  class OfATensor implements TritContract {
    @Override
    public Quantizer quantizer() {
      return new Twn(Group.TENSOR, 0.7f);
    }

    @Override
    public double errorToBeat(Matrix weight) {
      return QuantizerContract.squaredError(new Absmean(Group.TENSOR), weight);
    }
  }

  @Test
  void byHand() {
    // mean|w| = 2, threshold 1.4; 4 and 2 are kept and their mean is 3.
    Matrix w = new Matrix(1, 4, new float[] {4, -2, 1, -1});
    for (Group group : new Group[] {Group.ROW, Group.TENSOR, Group.of(4)}) {
      TritPlanes planes = new Twn(group, 0.7f).quantize(w).planes();
      assertArrayEquals(new float[] {3}, planes.scales());
      assertArrayEquals(new byte[] {1, -1, 0, 0}, planes.trits()[0]);
    }
  }

  @Test
  void thresholdIsAFraction() {
    for (float wrong : new float[] {-0.1f, 1, Float.NaN}) {
      assertEquals(
          "threshold is at least 0 and below 1, as a fraction of mean|w|, found " + wrong,
          assertThrows(IllegalArgumentException.class, () -> new Twn(Group.ROW, wrong))
              .getMessage());
    }
  }
}
