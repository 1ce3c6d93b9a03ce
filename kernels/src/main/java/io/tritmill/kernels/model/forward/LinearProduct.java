package io.tritmill.kernels.model.forward;

/** A linear map that is computed in another way than by the rows of its weight in float. */
public interface LinearProduct {
  /** Outputs. */
  int rows();

  /**
   * y = x w'.
   *
   * @param tokens rows of x and y
   * @param x (tokens, inputs)
   * @param y (tokens, rows); overwritten
   */
  void multiply(int tokens, float[] x, float[] y);
}
