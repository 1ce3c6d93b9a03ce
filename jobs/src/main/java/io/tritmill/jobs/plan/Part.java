package io.tritmill.jobs.plan;

import io.tritmill.jobs.recipe.Kind;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.TensorSpec;
import java.util.Set;

/**
 * A tensor's part in the model.
 *
 * @param spec what the model's description says of it; null where it says nothing
 * @param module the linear module whose weight it is, inside a block or the head; null where it is
 *     none's
 * @param block index of its block, {@value #NO_BLOCK} outside the blocks
 * @param kinds what rules may call it; none where it is no matrix to compress
 * @param uncompressed what becomes of it where it is not compressed
 * @param kept why it is kept where no rule is for it; null where every recipe has a rule for it
 */
record Part(
    TensorSpec spec, Module module, int block, Set<Kind> kinds, Fate uncompressed, String kept) {
  static final int NO_BLOCK = -1;

  /** Of a tensor that nothing is known of. */
  static final Part NONE =
      new Part(null, null, NO_BLOCK, Set.of(), Fate.UNREAD, WeightNames.UNEXPLAINED);

  Part {
    kinds = Set.copyOf(kinds);
  }

  /** Whether it is the head's weight. */
  boolean head() {
    return module != null && block == NO_BLOCK;
  }

  /** Whether it is a weight of a linear module inside a block, which each recipe decides upon. */
  boolean candidate() {
    return kept == null;
  }
}
