package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.simd.RowDots;
import io.tritmill.kernels.tensor.WeightRows;

/**
 * A product in float whose sums for a single token run over lanes: what is generated token by token
 * is bound by them. Several tokens at once are multiplied as everywhere else.
 */
public record DotProduct(WeightRows weight) implements LinearProduct {
  @Override
  public int rows() {
    return weight.rows();
  }

  @Override
  public void multiply(int tokens, float[] x, float[] y) {
    if (tokens == 1) {
      RowDots.multiply(x, weight, y);
    } else {
      Gemm.multiplyTransposed(tokens, x, weight, y);
    }
  }
}
