package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.quantize.Default;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.Stage;
import io.tritmill.kernels.quantize.band.LayerMethod;

/**
 * Weighs errors by what they do to the loss: with G the curvature of the loss in the layer's
 * outputs, the damage is J = tr(G E H E') / 2, and rows can make up for each other's errors as
 * columns can.
 *
 * <p>Around {@link Gptq} the error in row r is also pushed onto the rows after it, through the
 * factor of the inverse of G as columns do it through that of H: error compensation (arXiv:
 * 2210.17323) with the Hessian G x H (Kronecker). This and what the wrapped method makes of
 * independent rows are two starts; from the one of lesser J, coordinate descent on codes and scales
 * goes on in J, which never rises. Planes that are not tied, and blocks with least values, keep the
 * scales of the start.
 *
 * <p>Rows depend on each other: whole matrices are worked on. Memory beside the weights, the
 * statistics and the result: five times the weights, a factor as large as G, and one as large as H.
 *
 * @param damp added to the diagonal of G, as a share of its mean, above 0
 * @param rounds sweeps of descent, at least 0
 */
public record OutputMetric(@Default("0.1") double damp, @Default("4") int rounds) implements Stage {
  public OutputMetric {
    if (!(damp > 0 && damp <= 10)) {
      throw new IllegalArgumentException(
          "damp is above 0, up to 10, as a share of the mean diagonal, found " + damp);
    }
    if (rounds < 0) {
      throw new IllegalArgumentException("rounds is at least 0, found " + rounds);
    }
  }

  @Override
  public Quantizer around(Quantizer next) {
    boolean fits =
        next instanceof GptqMethod gptq && !gptq.stage().staticGroups()
            || next instanceof ComqMethod;
    if (!fits) {
      throw new IllegalArgumentException(
          "output_metric wraps gptq, its groups not static, or comq, found "
              + next.getClass().getSimpleName());
    }
    return new OutputMetricMethod(this, (LayerMethod) next);
  }
}
