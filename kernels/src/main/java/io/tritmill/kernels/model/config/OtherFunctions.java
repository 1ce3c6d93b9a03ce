package io.tritmill.kernels.model.config;

import java.util.List;
import java.util.Set;

/** Keys with which transformers computes another function than the description would say. */
public final class OtherFunctions {
  /** SiLU by each of its names. */
  private static final Set<String> SILU = Set.of("silu", "swish");

  /** What transformers reads and acts upon whatever the family, and no description knows. */
  private static final List<String> UNSUPPORTED =
      List.of("per_layer_config", "text_config", "transformers_weights");

  private OtherFunctions() {}

  /**
   * Refuses what no description knows.
   *
   * @throws UnsupportedConfigException if there is any
   */
  public static void refuse(String modelType, ConfigValues values) {
    for (String key : UNSUPPORTED) {
      if (values.values().get(key) != null) {
        throw new UnsupportedConfigException(
            "has the key %s, expected none beside a model_type of %s", key, modelType);
      }
    }
  }

  /**
   * Refuses another value of a key than the one that is computed, which transformers takes whatever
   * the key says.
   *
   * @throws UnsupportedConfigException if there is one
   */
  public static void requireValue(ConfigValues values, String key, Object computed) {
    Object found = values.values().get(key);
    boolean same =
        found instanceof Number number && computed instanceof Number other
            ? number.doubleValue() == other.doubleValue()
            : computed.equals(found);
    if (found != null && !same) {
      throw new UnsupportedConfigException("%s is %s, expected %s", key, found, computed);
    }
  }

  /**
   * Refuses another activation than SiLU.
   *
   * @throws UnsupportedConfigException if there is one
   */
  public static void requireSilu(ConfigValues values) {
    values
        .text("hidden_act")
        .filter(activation -> !SILU.contains(activation))
        .ifPresent(
            activation -> {
              throw new UnsupportedConfigException("hidden_act is %s, expected silu", activation);
            });
  }
}
