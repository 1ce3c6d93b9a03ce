package io.tritmill.kernels.model.config;

import java.util.List;
import java.util.Optional;
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
    return read(values, "layer_types", blocks, WINDOW, FULL, otherwise);
  }

  /**
   * Whether each block keeps a state in place of attention.
   *
   * @param otherwise what counts where config.json has no list of layer types
   * @throws IllegalArgumentException if the list is of another length than there are blocks
   * @throws UnsupportedConfigException if it has other kinds
   */
  public static boolean[] recurrent(ConfigValues values, int blocks, IntPredicate otherwise) {
    return read(values, "layer_types", blocks, RECURRENT, FULL, otherwise);
  }

  /**
   * Whether each block has one feed-forward for all tokens, not experts; the first one alone where
   * config.json has no list.
   *
   * @throws IllegalArgumentException if the list is of another length than there are blocks
   * @throws UnsupportedConfigException if it has other kinds
   */
  public static boolean[] dense(ConfigValues values, int blocks) {
    return read(values, "mlp_layer_types", blocks, "dense", "sparse", block -> block == 0);
  }

  /** Whether each block is of the first of two kinds. */
  private static boolean[] read(
      ConfigValues values,
      String key,
      int blocks,
      String kind,
      String other,
      IntPredicate otherwise) {
    boolean[] found = new boolean[blocks];
    Optional<List<String>> types = values.texts(key);
    if (types.isPresent() && types.get().size() != blocks) {
      throw new IllegalArgumentException(
          "%s has %d entries, but num_hidden_layers is %d"
              .formatted(key, types.get().size(), blocks));
    }
    for (int block = 0; block < blocks; block++) {
      String type = types.isPresent() ? types.get().get(block) : "";
      if (types.isPresent() && !type.equals(kind) && !type.equals(other)) {
        throw new UnsupportedConfigException(
            "%s has %s, expected %s or %s", key, type, other, kind);
      }
      found[block] = types.isPresent() ? type.equals(kind) : otherwise.test(block);
    }
    return found;
  }

  /** Whether a block is not an n-th one. */
  public static IntPredicate allButEvery(int n) {
    return block -> (block + 1) % n != 0;
  }
}
