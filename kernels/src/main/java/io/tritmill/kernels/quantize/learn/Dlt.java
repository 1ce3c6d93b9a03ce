package io.tritmill.kernels.quantize.learn;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.quantize.Default;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.Stage;
import io.tritmill.kernels.quantize.WrappedMethod;
import io.tritmill.kernels.quantize.band.LayerMethod;
import io.tritmill.kernels.quantize.round.TritRows;

/**
 * Shifts the levels of each group: w' = scale * trits + shift, as TernaryLLM (arXiv:2406.07177) and
 * PT2-LLM (arXiv:2510.03267) do, since the weights of a group rarely have a mean of zero.
 *
 * <p>The wrapped method fits the weights less their shifts. For what it makes of them, the shifts
 * of a row are those of least output error: with E the groups as rows of ones, H the Gram matrix of
 * the inputs and R what the planes leave of the weights, they solve s (E H E' + lambda I) = R H E'.
 * This begins without shifts and with those that are best where there are no planes, and goes on
 * from the better of both. Each row keeps the best that it passed through, so that its error is at
 * most that of the wrapped method alone.
 *
 * <p>A shift takes 16 bits a group. Rotated weights have next to none.
 *
 * @param rounds after the two beginnings, at least 0
 * @param damp lambda as a share of the mean diagonal of E H E', 0 to 1
 */
public record Dlt(@Default("1") int rounds, @Default("0.001") double damp) implements Stage {
  public Dlt {
    if (rounds < 0) {
      throw new IllegalArgumentException("rounds is at least 0, found " + rounds);
    }
    if (!(damp >= 0 && damp <= 1)) {
      throw new IllegalArgumentException(
          "damp is 0 to 1, as a share of the mean diagonal, found " + damp);
    }
  }

  @Override
  public Quantizer around(Quantizer next) {
    if (next instanceof WrappedMethod && !(next instanceof LayerMethod)) {
      throw new IllegalArgumentException(
          "dlt wraps a method that rounds, or gptq, comq, flexround or output_metric, found "
              + next.getClass().getSimpleName());
    }
    if (next.rounding() instanceof TritRows) {
      throw new IllegalArgumentException(
          "dlt adds bits that trit_rows does not count; use ptqtp with tied planes");
    }
    if (!(next.levels() instanceof PlaneLayout layout)) {
      throw new IllegalArgumentException(
          "dlt shifts groups of trit-planes, found " + next.levels().codeType());
    }
    if (layout.group().kind() == Group.Kind.TENSOR) {
      throw new IllegalArgumentException("dlt shifts groups within a row, found group tensor");
    }
    return new DltMethod(this, next, layout);
  }
}
