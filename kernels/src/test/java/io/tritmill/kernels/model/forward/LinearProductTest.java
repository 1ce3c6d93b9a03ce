package io.tritmill.kernels.model.forward;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PackedPlanes;
import io.tritmill.kernels.code.TernaryLayout;
import io.tritmill.kernels.quantize.round.Absmean;
import io.tritmill.kernels.tensor.Matrix;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Products that are not those of decoded rows compute the same map. */
class LinearProductTest {
  private static final int TOKENS = 3;
  private final Random random = new Random(11);
  private final PackedPlanes packed =
      PackedPlanes.of(
          new Absmean(Group.TENSOR).quantize(new Matrix(30, 40, gaussian(30 * 40))).planes());

  private float[] gaussian(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @Test
  void dotsAreNearTheChainAndSeveralTokensAreIt() {
    float[] bias = gaussian(30);
    float[] x = gaussian(TOKENS * 40);
    float[] expected = apply(new Linear(packed, bias), TOKENS, x);
    Linear dots = new Linear(packed, bias, new DotProduct(packed));
    assertArrayEquals(expected, apply(dots, TOKENS, x));
    float[] one = apply(dots, 1, x);
    for (int i = 0; i < 30; i++) {
      assertEquals(expected[i], one[i], 1e-5);
    }
  }

  @Test
  void tritsOfSomeRowsAreNearThoseRows() {
    float[] x = gaussian(TOKENS * 40);
    float[] bias = gaussian(30);
    for (int[] some : new int[][] {{0, 30, 1}, {7, 20, 1}, {1, 10, 3}}) {
      float[] expected = apply(Linear.ofRows(packed, bias, some[0], some[1], some[2]), TOKENS, x);
      LinearProduct product =
          new TernaryProduct(TernaryLayout.of(packed, some[0], some[1], some[2]));
      float[] own = Linear.biases(bias, some[0], some[1], some[2]);
      float[] found = apply(new Linear(null, own, product), TOKENS, x);
      double square = 0;
      double error = 0;
      for (int i = 0; i < expected.length; i++) {
        square += expected[i] * expected[i];
        error += Math.pow(expected[i] - found[i], 2);
      }
      assertEquals(0, Math.sqrt(error / square), 0.02, some[0] + " " + some[2]);
    }
  }

  private static float[] apply(Linear linear, int tokens, float[] x) {
    int rows = linear.product() == null ? linear.weight().rows() : linear.product().rows();
    float[] y = new float[tokens * rows];
    linear.apply(tokens, x, y);
    return y;
  }
}
