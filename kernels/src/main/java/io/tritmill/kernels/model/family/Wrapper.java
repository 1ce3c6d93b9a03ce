package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.config.ConfigValues;
import java.util.HashMap;
import java.util.Map;

/**
 * A config.json of a model that does more than text: what concerns the decoder stands in an object
 * of its own.
 */
public final class Wrapper {
  private static final String TIED = "tie_word_embeddings";

  private Wrapper() {}

  /** The decoder's own values; the same where nothing is wrapped, or nothing known is. */
  public static ConfigValues unwrap(ConfigValues values) {
    if (known(values) || !(values.values().get("text_config") instanceof Map)) {
      return values;
    }
    ConfigValues inner = values.object("text_config").orElseThrow();
    if (!known(inner)) {
      return values;
    }
    if (inner.has(TIED) || !values.has(TIED)) {
      return inner;
    }
    Map<String, Object> all = new HashMap<>(inner.values());
    all.put(TIED, values.values().get(TIED));
    return new ConfigValues(all);
  }

  private static boolean known(ConfigValues values) {
    return values.values().get("model_type") instanceof String type
        && ModelFamily.of(type).isPresent();
  }
}
