package io.tritmill.kernels.model;

import java.util.Set;
import java.util.TreeSet;

/**
 * The widths of a model that {@link Rotations} can be made of, beside that of the residual stream.
 *
 * <p>The stream can be rotated where all that reads it stands behind one RMSNorm, whatever it
 * computes. Values of heads can where heads are of one width; where they are not so, or are made
 * from a latent or a memory, the modules say that their inputs are fixed. The input of down can
 * where all feed-forwards are dense, stand alone and have one width.
 *
 * @param head of the values of a head; 0 where they cannot be rotated
 * @param inner of what enters the last module of a feed-forward; 0 likewise
 */
record Rotatable(int head, int inner) {
  /**
   * Those of a model.
   *
   * @throws IllegalArgumentException if rotations would make another function of it
   */
  static Rotatable of(Architecture model) {
    Set<Integer> heads = new TreeSet<>();
    Set<Integer> inner = new TreeSet<>();
    for (Sublayer sublayer : model.sublayers()) {
      require(
          sublayer.before() != null && sublayer.before().kind() == Norm.Kind.RMS,
          "a sublayer without an RMSNorm before it");
      require(sublayer.after() == null, "norms behind sublayers");
      for (Module module : sublayer.operator().modules()) {
        require(!module.site().rounded(), "inputs of modules that are rounded");
        require(module.whole(), "modules that share the tensor " + module.weight().name());
      }
      collect(sublayer.operator(), heads, inner);
    }
    return new Rotatable(only(heads), only(inner));
  }

  private static int only(Set<Integer> widths) {
    return widths.size() == 1 ? widths.iterator().next() : 0;
  }

  private static void collect(Operator operator, Set<Integer> heads, Set<Integer> inner) {
    switch (operator) {
      case Attention attention -> heads.add(attention.headSize());
      case FeedForward feedForward -> inner.add(feedForward.width());
      case DeltaNet deltaNet -> {}
      case LatentAttention latent -> {}
      case Experts experts -> {
        require(
            experts.norms().isEmpty(), "norms that experts or their router have for themselves");
        inner.add(0);
      }
      case Parallel parallel -> {
        for (Parallel.Branch branch : parallel.branches()) {
          require(
              branch.before() == null && branch.after() == null,
              "operators side by side that have norms for themselves");
          collect(branch.operator(), heads, inner);
        }
        inner.add(0);
      }
    }
  }

  private static void require(boolean holds, String trait) {
    if (!holds) {
      throw new IllegalArgumentException(
          "a model with %s cannot be rotated, expected none of that".formatted(trait));
    }
  }
}
