package io.tritmill.kernels.quantize;

import io.tritmill.kernels.tensor.Matrix;
import java.io.Serializable;

/**
 * What calibration learned of one layer y = x W', W of R rows and K columns.
 *
 * <p>X holds the inputs of the layer in the full-precision model, a row a token, Xq those of the
 * same tokens in the model as compressed so far; without error propagation both are X. All sums are
 * divided by the number of tokens. What was not asked for ({@link Need}) is null.
 *
 * @param tokens number of tokens summed
 * @param gram H = Xq'Xq, (K, K), symmetric
 * @param inputError D = (X - Xq)'Xq, (K, K)
 * @param residualError (Y - Yq)'Xq, (R, K), with Y and Yq the residual streams that the layer's
 *     output is added to; for output and down alone
 * @param outputMetric G, (R, R), symmetric positive semi-definite: an error e of the outputs costs
 *     e'Ge / 2
 * @param heldOut the sums over inputs of tokens that are in none of the above, for guards against
 *     overfitting; null without such tokens
 */
public record LayerStatistics(
    long tokens,
    Matrix gram,
    Matrix inputError,
    Matrix residualError,
    Matrix outputMetric,
    LayerStatistics heldOut)
    implements Serializable {
  /** A Gram matrix and nothing else. */
  public static LayerStatistics of(long tokens, Matrix gram) {
    return new LayerStatistics(tokens, gram, null, null, null, null);
  }

  /** These statistics, guarded by those of other tokens. */
  public LayerStatistics withHeldOut(LayerStatistics other) {
    return new LayerStatistics(tokens, gram, inputError, residualError, outputMetric, other);
  }

  /** The Gram matrix of the tokens set aside; null without them. */
  public Matrix heldOutGram() {
    return heldOut == null ? null : heldOut.gram;
  }
}
