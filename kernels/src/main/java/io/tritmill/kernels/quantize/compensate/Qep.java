package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.quantize.Default;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.Stage;

/**
 * Changes weights so that they undo what earlier layers' errors did to their inputs: quantization
 * error propagation (arXiv:2504.09629), before the stages that follow it see them.
 *
 * <p>With X the inputs in the full-precision model and Xq those in the model as compressed so far,
 * the outputs X W' are best met by W* = W + W D (H + lambda I)^-1, where H = Xq'Xq and D = (X -
 * Xq)'Xq; the correction is multiplied by alpha. All layers are corrected, down projections too.
 *
 * <p>A layer whose output is added to the residual stream can also repair that: with Y and Yq the
 * streams before the layer adds to them, the outputs X W' + Y - Yq are met by adding (Y - Yq)'Xq (H
 * + lambda I)^-1. That part is given for some layers alone and has no alpha.
 *
 * <p>Where tokens were set aside, they decide how much of the correction a layer is given: the
 * share that meets their outputs best, at most all of it. A regression on too few tokens, or on
 * tokens of one kind, is worth less on others, and without this guard its error grows from block to
 * block.
 *
 * <p>Errors that {@link Quantizer#solve} reports are those of the corrected weights.
 *
 * <p>Memory beside the weights, the statistics and what the wrapped method needs: the corrected
 * weights, and, before the wrapped method begins, a factor as large as the Gram matrix.
 *
 * @param alpha share of the inherited error to undo, 0 to 1; with few tokens for the width less is
 *     better
 * @param damp lambda as a share of the mean diagonal of H, above 0
 * @param residual whether to repair the residual stream where its error is given
 */
public record Qep(
    @Default("1") double alpha, @Default("0.01") double damp, @Default("true") boolean residual)
    implements Stage {
  public Qep {
    if (!(alpha >= 0 && alpha <= 1)) {
      throw new IllegalArgumentException("alpha is 0 to 1, found " + alpha);
    }
    if (!(damp > 0 && damp <= 10)) {
      throw new IllegalArgumentException(
          "damp is above 0, up to 10, as a share of the mean diagonal, found " + damp);
    }
  }

  @Override
  public Quantizer around(Quantizer next) {
    if (next instanceof QepMethod) {
      throw new IllegalArgumentException("qep corrects weights once, found it twice");
    }
    return new QepMethod(this, next);
  }
}
