package io.tritmill.kernels.model.config;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;

/** Which blocks see all that is before them, and which less or otherwise. */
public final class LayerKinds {
  /** Layers that see all that is before them. */
  public static final String FULL = "full_attention";

  /** Layers that see the nearest positions. */
  public static final String WINDOW = "sliding_attention";

  /** Layers that keep a state of a fixed size. */
  public static final String RECURRENT = "linear_attention";

  private LayerKinds() {}

  /**
   * Whether each block has a window.
   *
   * @param otherwise what counts where config.json has no list of layer types
   * @throws IllegalArgumentException if the list is of another length than there are blocks
   * @throws UnsupportedConfigException if it has other kinds
   */
  public static boolean[] windows(ConfigValues values, int blocks, IntPredicate otherwise) {
    return others(values, blocks, WINDOW, otherwise);
  }

  /**
   * Whether each block keeps a state in place of attention.
   *
   * @param otherwise what counts where config.json has no list of layer types
   * @throws IllegalArgumentException if the list is of another length than there are blocks
   * @throws UnsupportedConfigException if it has other kinds
   */
  public static boolean[] recurrent(ConfigValues values, int blocks, IntPredicate otherwise) {
    return others(values, blocks, RECURRENT, otherwise);
  }

  /** Whether each block is of this kind; others are full. */
  private static boolean[] others(
      ConfigValues values, int blocks, String kind, IntPredicate otherwise) {
    boolean[] others = new boolean[blocks];
    Optional<List<String>> types = values.texts("layer_types");
    types.ifPresent(
        list -> {
          if (list.size() != blocks) {
            throw new IllegalArgumentException(
                "layer_types has %d entries, but num_hidden_layers is %d"
                    .formatted(list.size(), blocks));
          }
        });
    for (int block = 0; block < blocks; block++) {
      String type = types.isPresent() ? types.get().get(block) : "";
      if (types.isPresent() && !Set.of(FULL, kind).contains(type)) {
        throw new UnsupportedConfigException(
            "layer_types has %s, expected %s or %s", type, FULL, kind);
      }
      others[block] = types.isPresent() ? type.equals(kind) : otherwise.test(block);
    }
    return others;
  }

  /** Whether a block is not an n-th one. */
  public static IntPredicate allButEvery(int n) {
    return block -> (block + 1) % n != 0;
  }
}
