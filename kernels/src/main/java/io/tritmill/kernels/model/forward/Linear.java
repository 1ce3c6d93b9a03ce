package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.tensor.WeightRows;

/**
 * A linear module: y = x w' + b.
 *
 * @param weight w, (outputs, inputs); may be null where there is a product
 * @param bias b, (outputs); of length 0 when there is none
 * @param product computes x w' where its rows in float do not; else null
 */
public record Linear(WeightRows weight, float[] bias, LinearProduct product) {
  private static final float[] NO_BIAS = {};

  public Linear {
    int outputs = product == null ? weight.rows() : product.rows();
    if (bias.length != 0 && bias.length != outputs) {
      throw new IllegalArgumentException(
          "A weight of %d rows has a bias of %d".formatted(outputs, bias.length));
    }
  }

  /** A linear module whose rows are decoded and multiplied in float. */
  public Linear(WeightRows weight, float[] bias) {
    this(weight, bias, null);
  }

  /** A linear module without a bias. */
  public Linear(WeightRows weight) {
    this(weight, NO_BIAS);
  }

  /** A module of some rows of a matrix, with as many of its biases. */
  static Linear ofRows(WeightRows all, float[] biases, int firstRow, int rows) {
    return ofRows(all, biases, firstRow, rows, 1);
  }

  /**
   * The same for rows with others between them.
   *
   * @param step rows from one of them to the next
   */
  static Linear ofRows(WeightRows all, float[] biases, int firstRow, int rows, int step) {
    return new Linear(
        step == 1 ? new Rows(all, firstRow, rows) : new Every(all, firstRow, rows, step),
        biases(biases, firstRow, rows, step));
  }

  /** The biases of some rows, of which there may be none. */
  static float[] biases(float[] all, int firstRow, int rows, int step) {
    float[] some = all.length == 0 ? NO_BIAS : new float[rows];
    for (int row = 0; row < some.length; row++) {
      some[row] = all[firstRow + row * step];
    }
    return some;
  }

  /** Rows with others between them, which are decoded one by one. */
  private record Every(WeightRows all, int first, int rows, int step) implements WeightRows {
    @Override
    public int columns() {
      return all.columns();
    }

    @Override
    public void decode(int firstRow, int count, float[] into, int at) {
      all.decode(first, 0, into, at);
      for (int row = 0; row < count; row++) {
        all.decode(first + (firstRow + row) * step, 1, into, at + row * columns());
      }
    }
  }

  private record Rows(WeightRows all, int first, int rows) implements WeightRows {
    @Override
    public int columns() {
      return all.columns();
    }

    @Override
    public void decode(int firstRow, int count, float[] into, int at) {
      all.decode(first + firstRow, count, into, at);
    }
  }

  /**
   * Applies the module to each row; a row's result does not depend on the other rows.
   *
   * @param tokens rows of x and y
   * @param x (tokens, inputs)
   * @param y (tokens, outputs); overwritten
   */
  void apply(int tokens, float[] x, float[] y) {
    int outputs;
    if (product == null) {
      Gemm.multiplyTransposed(tokens, x, weight, y);
      outputs = weight.rows();
    } else {
      product.multiply(tokens, x, y);
      outputs = product.rows();
    }
    for (int t = 0; t < tokens && bias.length > 0; t++) {
      for (int o = 0; o < outputs; o++) {
        y[t * outputs + o] += bias[o];
      }
    }
  }
}
