package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.simd.ByteRows;
import io.tritmill.kernels.simd.TernaryMatrix;

/**
 * A product of trit-planes with activations that are rounded to 8 bits, each token on a scale of
 * its own: fast, and not the function of the weights alone.
 */
public record TernaryProduct(TernaryMatrix matrix) implements LinearProduct {
  @Override
  public int rows() {
    return matrix.rows();
  }

  @Override
  public void multiply(int tokens, float[] x, float[] y) {
    matrix.multiply(ByteRows.quantize(tokens, matrix.columns(), x), y);
  }
}
