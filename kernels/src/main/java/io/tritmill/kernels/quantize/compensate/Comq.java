package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.quantize.Default;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.Stage;
import io.tritmill.kernels.quantize.WrappedMethod;

/**
 * Coordinate descent on codes and scales until the error of the outputs no longer falls: COMQ
 * (arXiv:2403.07134), in terms of the Gram matrix H, around a method that rounds or around {@link
 * Gptq}.
 *
 * <p>For each row the error is e (H + lambda I) e' with e the weights less their levels. A sweep
 * gives each column in turn the level that is best while all others stay (equation 6, where the
 * minimum lies between levels the nearest one), and each group the scales that are best for its
 * codes. One more sweep with the scales as they are ends it. Both steps only ever lower the error,
 * and scales are as they are stored all the time; a row never ends worse than it began. It begins
 * with what the wrapped method made of it or with plain rounding, whichever is better for the row.
 *
 * <p>With tokens set aside, a row whose error on them rises in a sweep is put back as it was, and
 * its lambda grows fourfold.
 *
 * <p>Memory beside the weights, the Gram matrices and the result: that of the wrapped method, whose
 * factor is as large as the Gram matrix, and about 200 MB for the rows at hand.
 *
 * @param sweeps over all columns, at least 1
 * @param damp lambda as a share of the mean diagonal of H, above 0
 */
public record Comq(@Default("4") int sweeps, @Default("0.01") double damp) implements Stage {
  public Comq {
    if (sweeps < 1) {
      throw new IllegalArgumentException("sweeps is at least 1, found " + sweeps);
    }
    if (!(damp > 0 && damp <= 1)) {
      throw new IllegalArgumentException(
          "damp is above 0, up to 1, as a share of the mean diagonal, found " + damp);
    }
  }

  @Override
  public Quantizer around(Quantizer next) {
    if (next instanceof WrappedMethod && !(next instanceof GptqMethod)) {
      throw new IllegalArgumentException(
          "comq wraps gptq or a method that rounds, found " + next.getClass().getSimpleName());
    }
    return new ComqMethod(this, next);
  }
}
