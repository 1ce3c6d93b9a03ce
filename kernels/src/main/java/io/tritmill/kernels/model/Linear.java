package io.tritmill.kernels.model;

import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.tensor.WeightRows;

/**
 * A linear module: y = x w' + b.
 *
 * @param weight w, (outputs, inputs)
 * @param bias b, (outputs); of length 0 when there is none
 */
public record Linear(WeightRows weight, float[] bias) {
  private static final float[] NO_BIAS = {};

  public Linear {
    if (bias.length != 0 && bias.length != weight.rows()) {
      throw new IllegalArgumentException(
          "A weight of %d rows has a bias of %d".formatted(weight.rows(), bias.length));
    }
  }

  /** A linear module without a bias. */
  public Linear(WeightRows weight) {
    this(weight, NO_BIAS);
  }

  /**
   * Applies the module to each row; a row's result does not depend on the other rows.
   *
   * @param tokens rows of x and y
   * @param x (tokens, inputs)
   * @param y (tokens, outputs); overwritten
   */
  void apply(int tokens, float[] x, float[] y) {
    Gemm.multiplyTransposed(tokens, x, weight, y);
    int outputs = weight.rows();
    for (int t = 0; t < tokens && bias.length > 0; t++) {
      for (int o = 0; o < outputs; o++) {
        y[t * outputs + o] += bias[o];
      }
    }
  }
}
