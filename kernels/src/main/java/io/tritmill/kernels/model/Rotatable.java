package io.tritmill.kernels.model;

import java.util.Set;
import java.util.TreeSet;

/**
 * The widths of a model that {@link Rotations} can be made of.
 *
 * @param head of the values of a head
 * @param inner of what enters the last module of a feed-forward
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
      switch (sublayer.operator()) {
        case Attention attention -> heads.add(attention.headSize());
        case FeedForward feedForward -> inner.add(feedForward.width());
        case DeltaNet deltaNet -> require(false, "a delta-net");
        case LatentAttention latent -> require(false, "latent keys and values");
        case Experts experts -> require(false, "experts");
        case Parallel parallel -> require(false, "operators side by side");
      }
    }
    require(heads.size() == 1, "heads of widths " + heads);
    require(inner.size() == 1, "feed-forwards of widths " + inner);
    return new Rotatable(heads.iterator().next(), inner.iterator().next());
  }

  private static void require(boolean holds, String trait) {
    if (!holds) {
      throw new IllegalArgumentException(
          "a model with %s cannot be rotated, expected none of that".formatted(trait));
    }
  }
}
