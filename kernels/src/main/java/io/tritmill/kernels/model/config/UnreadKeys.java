package io.tritmill.kernels.model.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Keys of config.json that would change the function in other families, and which transformers does
 * not read in this one: they are left out there and here, which a person should know.
 */
public final class UnreadKeys {
  private static final Map<String, Set<String>> BY_FAMILY =
      Map.of(
          "llama", Set.of("sliding_window", "layer_types"),
          "mistral", Set.of("attention_bias", "mlp_bias", "use_sliding_window"));

  private static final Set<String> OF_OTHERS =
      Set.of(
          "attention_multiplier",
          "attn_logit_softcapping",
          "auto_map",
          "clip_qkv",
          "embedding_multiplier",
          "final_logit_softcapping",
          "hidden_activation",
          "logit_scale",
          "logits_scaling",
          "no_rope_layers",
          "num_experts",
          "num_local_experts",
          "query_pre_attn_scalar",
          "residual_multiplier",
          "use_qk_norm");

  private UnreadKeys() {}

  /**
   * A sentence where there are any; null, false and objects without values say nothing.
   *
   * @param family its {@code model_type}
   * @param reads keys that it reads of those which change the function in some families alone
   */
  public static Optional<String> remark(String family, Set<String> reads, ConfigValues values) {
    List<String> found = new ArrayList<>();
    values
        .values()
        .forEach(
            (key, value) -> {
              boolean known =
                  OF_OTHERS.contains(key) || BY_FAMILY.getOrDefault(family, Set.of()).contains(key);
              if (known && !reads.contains(key) && value != null && !value.equals(false)) {
                found.add("%s (%s)".formatted(key, value));
              }
            });
    if (!reads.contains("partial_rotary_factor")) {
      partialRotation(values).ifPresent(found::add);
    }
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "a model_type of %s does not use %s, which transformers leaves out too"
                .formatted(family, String.join(", ", found)));
  }

  /** Read only where RoPE is scaled. */
  private static Optional<String> partialRotation(ConfigValues values) {
    return values.decimal("partial_rotary_factor", 1) < 1
        ? Optional.of(
            "partial_rotary_factor (%s)".formatted(values.values().get("partial_rotary_factor")))
        : Optional.empty();
  }
}
