package io.tritmill.kernels.quantize.compensate;

import io.tritmill.kernels.quantize.Default;
import io.tritmill.kernels.quantize.Quantizer;
import io.tritmill.kernels.quantize.SolveReport;
import io.tritmill.kernels.quantize.Stage;
import io.tritmill.kernels.quantize.WrappedMethod;

/**
 * Rounds column after column and lets the columns still open make up for each error: GPTQ
 * (arXiv:2210.17323), around any method that rounds.
 *
 * <p>With H the Gram matrix of the inputs and (H + lambda I)^-1 = U'U, column j takes the levels q
 * nearest to its weights w, and the columns after it move by -(w - q) / U_jj times row j of U,
 * which is the best they can do (equations 2 and 3). The levels are those that the wrapped method
 * fits to each group; how it rounds itself does not matter.
 *
 * <p>Grids are fitted when their first column is reached, to the weights as moved by then; static
 * groups are fitted to the weights as given. Activation order takes columns with large inputs
 * first, which helps where a few inputs are far larger than the others and no rotation has evened
 * them out; it needs static groups.
 *
 * <p>Inputs that are zero in every token get weights of zero. Where H + lambda I has no factor,
 * lambda grows tenfold until it has one; {@link SolveReport#damping} says what was used.
 *
 * <p>Memory beside the weights, the Gram matrix and the result: a factor as large as the Gram
 * matrix, and about 100 MB for the rows at hand: 0.6 GB for 4096 x 11008.
 *
 * @param damp lambda as a share of the mean diagonal of H, at least 0
 * @param staticGroups whether grids are fitted to the weights as given
 * @param actOrder whether columns are taken in descending order of the diagonal of H
 */
public record Gptq(
    @Default("0.01") double damp,
    @Default("false") boolean staticGroups,
    @Default("false") boolean actOrder)
    implements Stage {
  public Gptq {
    if (!(damp >= 0 && damp <= 1)) {
      throw new IllegalArgumentException(
          "damp is 0 to 1, as a share of the mean diagonal, found " + damp);
    }
    if (actOrder && !staticGroups) {
      throw new IllegalArgumentException(
          "act_order needs static_groups: true, since a group's columns are not taken together");
    }
  }

  @Override
  public Quantizer around(Quantizer next) {
    if (next instanceof WrappedMethod) {
      throw new IllegalArgumentException(
          "gptq wraps a method that rounds, such as ptqtp, found "
              + next.getClass().getSimpleName());
    }
    return new GptqMethod(this, next);
  }
}
