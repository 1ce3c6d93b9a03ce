package io.tritmill.kernels.model.forward;

import io.tritmill.kernels.model.Experts;
import io.tritmill.kernels.model.Site;

/**
 * Sees what enters the linear modules of a block while it runs, and what stands between them.
 *
 * <p>Tokens arrive in order, a few sequences at a time, at every site once; how many at a time
 * depends on the lengths of the sequences alone. At the sites of an expert, only its tokens arrive;
 * nothing does where there are none.
 */
@FunctionalInterface
public interface Taps {
  /** Sees nothing. */
  Taps NONE = (site, tokens, columns, inputs) -> {};

  /**
   * Called before the modules of a site run.
   *
   * @param site which modules
   * @param tokens rows
   * @param columns input features
   * @param inputs (tokens, columns), perhaps with room after it; valid during the call, not to be
   *     changed
   */
  void see(Site site, int tokens, int columns, float[] inputs);

  /**
   * Called when experts have been chosen, before their tokens are seen.
   *
   * @param own what was chosen
   * @return what counts: the same, or the choice of another stream
   */
  default Routes route(Experts experts, Routes own) {
    return own;
  }

  /**
   * Called when gate and up have run, before they are multiplied.
   *
   * @param gate (tokens, columns), as {@code inputs} above
   * @param up (tokens, columns)
   */
  default void seeGates(int tokens, int columns, float[] gate, float[] up) {}

  /**
   * Called for each tile of queries and each head, when its probabilities are known: the sequences
   * in order, the tiles of a sequence in order, the heads in order.
   *
   * @param tile valid during the call
   */
  default void seeAttention(AttentionTile tile) {}
}
