package io.tritmill.kernels.model.config;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;

/** Which blocks see all that is before them, and which a window of it. */
public final class LayerKinds {
  /** Layers that see all that is before them. */
  public static final String FULL = "full_attention";

  /** Layers that see the nearest positions. */
  public static final String WINDOW = "sliding_attention";

  private LayerKinds() {}

  /**
   * Whether each block has a window.
   *
   * @param otherwise what counts where config.json has no list of layer types
   * @throws IllegalArgumentException if the list is of another length than there are blocks
   * @throws UnsupportedConfigException if it has other kinds
   */
  public static boolean[] windows(ConfigValues values, int blocks, IntPredicate otherwise) {
    boolean[] windows = new boolean[blocks];
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
      if (types.isPresent() && !Set.of(FULL, WINDOW).contains(type)) {
        throw new UnsupportedConfigException(
            "layer_types has %s, expected %s or %s", type, FULL, WINDOW);
      }
      windows[block] = types.isPresent() ? type.equals(WINDOW) : otherwise.test(block);
    }
    return windows;
  }

  /** Whether all but every n-th block have a window. */
  public static IntPredicate allButEvery(int n) {
    return block -> (block + 1) % n != 0;
  }
}
