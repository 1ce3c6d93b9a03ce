package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.config.UnsupportedConfigException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The heads of each block of Gemma 4: full layers may have others than those with windows. */
final class GemmaHeads {
  /** Newer files say by block what older ones say of all full layers. */
  static final String KEY = "per_layer_config";

  private static final String SIZE = "head_dim";
  private static final String SHARING = "num_key_value_heads";

  private GemmaHeads() {}

  /**
   * The sizes of a block.
   *
   * @param near whether it has a window
   * @throws UnsupportedConfigException if more than heads differs
   */
  static Sizes of(ConfigValues values, Sizes sizes, int block, boolean near) {
    if (values.object(KEY).isPresent()) {
      ConfigValues own =
          values
              .object(KEY)
              .orElseThrow()
              .object(String.valueOf(block))
              .orElseGet(() -> new ConfigValues(Map.of()));
      Set<String> others = new TreeSet<>(own.values().keySet());
      others.removeAll(Set.of(SIZE, SHARING));
      if (!others.isEmpty()) {
        throw new UnsupportedConfigException(
            "%s of layer %d has %s, expected %s and %s alone", KEY, block, others, SIZE, SHARING);
      }
      return sizes.withHeads(
          own.integer(SHARING, sizes.keyValueHeads()), own.integer(SIZE, sizes.headSize()));
    }
    if (near) {
      return sizes;
    }
    int sharing = sizes.keyValueHeads();
    if (values.flag("attention_k_eq_v", false)) {
      sharing = values.integer("num_global_key_value_heads", sharing, sharing);
    }
    return sizes.withHeads(sharing, values.integer("global_head_dim", 512));
  }
}
