package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Rope;
import java.util.Map;
import java.util.Optional;

/**
 * Reads RoPE from config.json in both spellings, {@code rope_theta} with {@code rope_scaling}, and
 * {@code rope_parameters}, as transformers does: the older has the last word, and what an object
 * does not hold is looked for beside it.
 */
final class RopeConfig {
  private static final double DEFAULT_THETA = 10_000;
  private static final String ORIGINAL = "original_max_position_embeddings";
  private static final String PARTIAL = "partial_rotary_factor";

  private RopeConfig() {}

  /**
   * Reads it.
   *
   * @param sizes of the heads, and how many positions the model was made for
   */
  static Rope read(ConfigValues values, Sizes sizes) {
    ConfigValues parameters = parameters(values);
    parameters
        .values()
        .forEach(
            (key, value) -> {
              if (value instanceof Map) {
                throw new UnsupportedConfigException(
                    "the RoPE parameters of %s are an object, expected the same for every layer",
                    key);
              }
            });
    double theta =
        (parameters.has("rope_theta") ? parameters : values).decimal("rope_theta", DEFAULT_THETA);
    String type = parameters.text("rope_type").or(() -> parameters.text("type")).orElse("default");
    Rope.Scaling scaling =
        switch (type) {
          case "default" -> new Rope.None();
          case "linear" -> new Rope.Linear(parameters.decimal("factor"));
          case "llama3" ->
              new Rope.Llama3(
                  parameters.decimal("factor"),
                  parameters.decimal("low_freq_factor"),
                  parameters.decimal("high_freq_factor"),
                  (values.has(ORIGINAL) ? values : parameters)
                      .integer(ORIGINAL, sizes.maxPositions()));
          default ->
              throw new UnsupportedConfigException(
                  "rope_type is %s, expected default, linear or llama3", type);
        };
    double partial = (parameters.has(PARTIAL) ? parameters : values).decimal(PARTIAL, 1);
    if (partial < 1 && !(scaling instanceof Rope.None)) {
      throw new UnsupportedConfigException(
          "%s is %s beside a rope_type of %s, expected 1", PARTIAL, partial, type);
    }
    return new Rope(theta, scaling, sizes.headSize(), false);
  }

  /** The object that says more than the base; empty where there is none. */
  private static ConfigValues parameters(ConfigValues values) {
    Optional<ConfigValues> scaling =
        values.object("rope_scaling").filter(object -> !object.values().isEmpty());
    return scaling
        .or(() -> values.object("rope_parameters"))
        .orElseGet(() -> new ConfigValues(Map.of()));
  }
}
