package io.tritmill.jobs.gguf.architecture;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.gguf.GgufModel;
import io.tritmill.jobs.gguf.StoredTensor;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.RopeConfig;
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
  private static final String ORIGINAL = "rope.scaling.original_context_length";
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
        keys.optionalWhole(ORIGINAL).orElseGet(() -> keys.positive("context_length")));
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
    int original = keys.positive(ORIGINAL);
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

  /** Puts the keys of a model's positions. */
  static void write(ModelKeys model, Map<String, Object> keys) {
    model.rope().ifPresent(rope -> write(rope, model, keys));
  }

  private static void write(Rope rope, ModelKeys model, Map<String, Object> keys) {
    keys.put(TURNED, rope.size());
    keys.put("rope.freq_base", (float) rope.theta());
    switch (rope.scaling()) {
      case Rope.Linear linear -> {
        keys.put("rope.scaling.type", "linear");
        keys.put("rope.scaling.factor", (float) linear.factor());
      }
      case Rope.Yarn yarn -> {
        keys.put("rope.scaling.type", "yarn");
        keys.put("rope.scaling.factor", (float) yarn.factor());
        keys.put(ORIGINAL, yarn.originalPositions());
        keys.put("rope.scaling.yarn_beta_fast", (float) yarn.betaFast());
        keys.put("rope.scaling.yarn_beta_slow", (float) yarn.betaSlow());
        parameter(model, "attention_factor")
            .ifPresent(factor -> keys.put("rope.scaling.yarn_attn_factor", factor.floatValue()));
      }
      case Rope.LongRope longRope -> {
        keys.put(ORIGINAL, longRope.originalPositions());
        keys.put("rope.scaling.attn_factor", (float) rope.factor());
      }
      default -> {}
    }
  }

  /** Those that stand in tensors. */
  static List<StoredTensor> tensors(ModelKeys model) {
    Rope rope = model.rope().orElse(null);
    return switch (rope == null ? null : rope.scaling()) {
      case Rope.Llama3 llama ->
          List.of(given(DIVISORS, singles(RopeFactors.divisors(rope, llama))));
      case Rope.LongRope longRope ->
          List.of(
              given(LONG, singles(longRope.longFactors())),
              given(SHORT, singles(longRope.shortFactors())));
      case null, default -> List.of();
    };
  }

  private static float[] singles(List<Double> factors) {
    float[] singles = new float[factors.size()];
    for (int i = 0; i < singles.length; i++) {
      singles[i] = factors.get(i).floatValue();
    }
    return singles;
  }

  private static StoredTensor given(String name, float[] values) {
    return StoredTensor.of(name, List.of((long) values.length), new StoredTensor.Given(values));
  }

  /** Positions that the model first had. */
  static int original(ModelKeys model) {
    String key = "original_max_position_embeddings";
    ConfigValues parameters = parameters(model);
    return (model.config().has(key) ? model.config() : parameters)
        .integer(key, model.model().maxPositions());
  }

  /** What config.json says of positions, in either spelling: of blocks that see all of them. */
  static ConfigValues parameters(ModelKeys model) {
    ConfigValues parameters = new RopeConfig(model.config(), null).parameters();
    return parameters.values().get("full_attention") instanceof Map<?, ?>
        ? parameters.object("full_attention").orElseThrow()
        : parameters;
  }

  /** A number of these, where it is there. */
  static Optional<Double> parameter(ModelKeys model, String key) {
    ConfigValues parameters = parameters(model);
    return Optional.ofNullable(parameters.values().get(key)).map(value -> parameters.decimal(key));
  }
}
