package io.tritmill.kernels.quantize;

/** What a method must be told of a layer beside its weights; see {@link LayerStatistics}. */
public enum Need {
  /** The Gram matrix of the layer's inputs. */
  GRAM,
  /** The sums over inputs, of tokens that were set aside for a guard against overfitting. */
  HELD_OUT,
  /** How far inputs in the compressed model are from those in the full-precision one. */
  INPUT_ERROR,
  /** How far the residual stream, which the layer adds to, is from the full-precision one. */
  RESIDUAL_ERROR,
  /** The curvature of the loss in the layer's outputs. */
  OUTPUT_METRIC,
  /** Tokens weighted by the attention that they get, in every sum above. */
  TOKEN_WEIGHTS
}
