package io.tritmill.kernels.model;

import java.util.Optional;

/**
 * Reads RoPE from config.json in both spellings: {@code rope_theta} with {@code rope_scaling}, and
 * {@code rope_parameters}, which holds all of it.
 */
final class RopeConfig {
  private static final double DEFAULT_THETA = 10_000;

  private RopeConfig() {}

  static Rope read(ConfigValues values) {
    Optional<ConfigValues> parameters = values.object("rope_parameters");
    double theta =
        parameters
            .map(p -> p.decimal("rope_theta", DEFAULT_THETA))
            .orElseGet(() -> values.decimal("rope_theta", DEFAULT_THETA));
    Optional<ConfigValues> scaling = parameters.or(() -> values.object("rope_scaling"));
    return new Rope(theta, scaling.map(s -> scaling(s, values)).orElse(new Rope.None()));
  }

  private static Rope.Scaling scaling(ConfigValues scaling, ConfigValues values) {
    String type = scaling.text("rope_type").or(() -> scaling.text("type")).orElse("default");
    return switch (type) {
      case "default" -> new Rope.None();
      case "linear" -> new Rope.Linear(positive(scaling, "factor"));
      case "llama3" ->
          new Rope.Llama3(
              positive(scaling, "factor"),
              positive(scaling, "low_freq_factor"),
              positive(scaling, "high_freq_factor"),
              scaling.integer(
                  "original_max_position_embeddings",
                  values.integer("max_position_embeddings", 8192)));
      default ->
          throw new IllegalArgumentException(
              "rope_type is %s, expected default, linear or llama3".formatted(type));
    };
  }

  private static double positive(ConfigValues scaling, String key) {
    double value = scaling.decimal(key, 0);
    if (value > 0) {
      return value;
    }
    throw new IllegalArgumentException(
        "%s of the RoPE scaling is %s, expected a positive number".formatted(key, value));
  }
}
