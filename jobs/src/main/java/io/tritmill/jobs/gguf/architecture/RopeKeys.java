package io.tritmill.jobs.gguf.architecture;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.gguf.GgufModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The rotary embedding by keys, and by tensors of factors, as config.json has it. */
final class RopeKeys {
  private static final String DIVISORS = "rope_freqs.weight";
  private static final String LONG = "rope_factors_long.weight";
  private static final String SHORT = "rope_factors_short.weight";
  private static final String TURNED = "rope.dimension_count";
  private static final double BASE = 10_000;

  private RopeKeys() {}

  /** Whether a tensor holds what goes into config.json. */
  static boolean isIn(String tensor) {
    return List.of(DIVISORS, LONG, SHORT).contains(tensor);
  }

  static double base(Keys keys) {
    return keys.decimal("rope.freq_base").orElse(BASE);
  }

  /** Elements of a head that are turned. */
  static int turned(Keys keys) {
    int turned = keys.optionalWhole(TURNED).orElseGet(keys::headSize);
    if (turned < 2 || turned % 2 != 0) {
      throw BadInputException.broken(
          "%s: %s is %d, expected an even number", keys.file(), keys.named(TURNED), turned);
    }
    return turned;
  }

  /** Puts {@code rope_theta}, and {@code rope_scaling} where there is any. */
  static void put(Keys keys, Map<String, Object> config) {
    config.put("rope_theta", base(keys));
    scaling(keys).ifPresent(scaling -> config.put("rope_scaling", scaling));
  }

  /** The share of a head that is turned. */
  static void putShare(Keys keys, Map<String, Object> config) {
    config.put("partial_rotary_factor", (double) turned(keys) / keys.headSize());
  }

  /** The values of {@code rope_scaling}. */
  static Optional<Map<String, Object>> scaling(Keys keys) {
    GgufModel model = keys.model();
    int pairs = turned(keys) / 2;
    Optional<GgufModel.Tensor> divisors = model.tensor(DIVISORS);
    if (divisors.isPresent()) {
      float[] values = model.floats(divisors.get(), pairs);
      return Optional.of(RopeFactors.scaling(keys.file(), values, base(keys)));
    }
    if (model.has(LONG) || model.has(SHORT)) {
      return Optional.of(longRope(keys, pairs));
    }
    String type = keys.text("rope.scaling.type").orElse("");
    return switch (type) {
      case "" ->
          keys.decimal("rope.scaling.factor")
              .or(() -> keys.decimal("rope.scale_linear"))
              .filter(factor -> factor != 0 && factor != 1)
              .map(RopeKeys::linear);
      case "none" ->
          keys.decimal("rope.scale_linear").filter(factor -> factor != 1).map(RopeKeys::linear);
      case "linear" -> Optional.of(linear(keys.decimal("rope.scaling.factor").orElse(1.0)));
      case "yarn" -> Optional.of(yarn(keys));
      default ->
          throw BadInputException.unsupported(
              "%s: %s is %s, expected none, linear or yarn; give the checkpoint that it was made"
                  + " from",
              keys.file(), keys.named("rope.scaling.type"), Printable.of(type));
    };
  }

  private static Map<String, Object> linear(double factor) {
    Map<String, Object> linear = new LinkedHashMap<>();
    linear.put("rope_type", "linear");
    linear.put("factor", factor);
    return linear;
  }

  private static Map<String, Object> yarn(Keys keys) {
    double factor = keys.requiredDecimal("rope.scaling.factor");
    Map<String, Object> yarn = new LinkedHashMap<>();
    yarn.put("rope_type", "yarn");
    yarn.put("factor", factor);
    yarn.put(
        "original_max_position_embeddings",
        keys.optionalWhole("rope.scaling.original_context_length")
            .orElseGet(() -> keys.positive("context_length")));
    yarn.put("beta_fast", keys.decimal("rope.scaling.yarn_beta_fast").orElse(32.0));
    yarn.put("beta_slow", keys.decimal("rope.scaling.yarn_beta_slow").orElse(1.0));
    keys.decimal("rope.scaling.yarn_attn_factor")
        .ifPresent(value -> yarn.put("attention_factor", value));
    if (keys.decimal("rope.scaling.attn_factor").orElse(1.0) != 1) {
      throw BadInputException.unsupported(
          "%s: %s is %s, expected 1 beside yarn; give the checkpoint that it was made from",
          keys.file(),
          keys.named("rope.scaling.attn_factor"),
          keys.decimal("rope.scaling.attn_factor").orElseThrow());
    }
    return yarn;
  }

  /** Factors for sequences within the context that the model first had, and for longer ones. */
  private static Map<String, Object> longRope(Keys keys, int pairs) {
    int original = keys.positive("rope.scaling.original_context_length");
    Map<String, Object> scaling = new LinkedHashMap<>();
    scaling.put("rope_type", "longrope");
    scaling.put("short_factor", factors(keys, SHORT, pairs));
    scaling.put("long_factor", factors(keys, LONG, pairs));
    scaling.put("original_max_position_embeddings", original);
    scaling.put("attention_factor", keys.decimal("rope.scaling.attn_factor").orElse(1.0));
    return scaling;
  }

  private static List<Double> factors(Keys keys, String name, int pairs) {
    GgufModel.Tensor tensor =
        keys.model()
            .tensor(name)
            .orElseThrow(
                () ->
                    BadInputException.broken(
                        "%s: has no tensor %s beside the other factors; is the file whole?",
                        keys.file(), name));
    List<Double> factors = new ArrayList<>();
    for (float value : keys.model().floats(tensor, pairs)) {
      factors.add(Double.parseDouble(Float.toString(value)));
    }
    return factors;
  }
}
