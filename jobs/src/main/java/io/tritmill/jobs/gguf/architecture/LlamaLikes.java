package io.tritmill.jobs.gguf.architecture;

import io.tritmill.jobs.failure.BadInputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Llama, and what differs from it by a few keys: ggml has their pairs as neighbours. */
final class LlamaLikes {
  private static final TensorRules BIASED_ATTENTION =
      TensorRules.PAIRED_ATTENTION.biased("attn_q", "attn_k", "attn_v", "attn_output", "attn_qkv");

  private static final TensorRules BIASED_FEED_FORWARD =
      TensorRules.FEED_FORWARD.biased("ffn_gate", "ffn_up", "ffn_down");

  static final List<Description> ALL =
      List.of(
          Description.of("llama", "llama", "LlamaForCausalLM")
              .when(keys -> keys.experts() == 0)
              .blocks(BIASED_ATTENTION, TensorRules.NORMS, BIASED_FEED_FORWARD)
              .reads("attention.sliding_window")
              .written("llama", "mistral", "ministral")
              .config(LlamaLikes::biases),
          Description.of("llama", "mixtral", "MixtralForCausalLM")
              .when(keys -> keys.experts() > 0)
              .blocks(TensorRules.PAIRED_ATTENTION, TensorRules.NORMS, TensorRules.MIXTRAL_EXPERTS)
              .config(LlamaLikes::experts)
              .config((keys, config) -> config.put("sliding_window", null)),
          Description.of("mistral3", "ministral3", "Ministral3ForCausalLM")
              .when(keys -> keys.experts() == 0 && keys.has("attention.temperature_scale"))
              .blocks(TensorRules.PAIRED_ATTENTION, TensorRules.NORMS, TensorRules.FEED_FORWARD)
              .reads("attention.temperature_scale")
              .writes(
                  "rope.scaling.yarn_log_multiplier",
                  keys -> RopeKeys.parameter(keys, "mscale_all_dim").map(Double::floatValue))
              .config(LlamaLikes::temperature)
              .config((keys, config) -> config.put("sliding_window", null)),
          Description.of("mistral3", "mistral", "MistralForCausalLM")
              .when(keys -> keys.experts() == 0)
              .written()
              .blocks(TensorRules.PAIRED_ATTENTION, TensorRules.NORMS, TensorRules.FEED_FORWARD)
              .config((keys, config) -> config.put("sliding_window", null)),
          Description.of("granite", "granite", "GraniteForCausalLM")
              .when(keys -> keys.experts() == 0)
              .blocks(BIASED_ATTENTION, TensorRules.NORMS, BIASED_FEED_FORWARD)
              .reads("attention.scale", "embedding_scale", "residual_scale")
              .writes("logit_scale", keys -> (float) keys.config().decimal("logits_scaling", 1))
              .config(LlamaLikes::biases)
              .config(LlamaLikes::multipliers),
          Description.of("granitemoe", "granitemoe", "GraniteMoeForCausalLM")
              .when(keys -> keys.experts() > 0)
              .blocks(
                  TensorRules.PAIRED_ATTENTION,
                  TensorRules.NORMS,
                  TensorRules.weights("ffn_gate_inp", "block_sparse_moe.router.layer"),
                  TensorRules.stackedExperts(
                      "block_sparse_moe.input_linear.weight",
                      "block_sparse_moe.output_linear.weight",
                      StackFold.ABOVE))
              .reads("attention.scale", "embedding_scale", "residual_scale")
              .writes("logit_scale", keys -> (float) keys.config().decimal("logits_scaling", 1))
              .config(LlamaLikes::experts)
              .config(LlamaLikes::multipliers),
          Description.of("smollm3", "smollm3", "SmolLM3ForCausalLM")
              .blocks(TensorRules.PAIRED_ATTENTION, TensorRules.NORMS, TensorRules.FEED_FORWARD)
              // ggml has no key for it.
              .config((keys, config) -> config.put("no_rope_layer_interval", 4)),
          Description.of("arcee", "arcee", "ArceeForCausalLM")
              .blocks(TensorRules.PAIRED_ATTENTION, TensorRules.NORMS, TensorRules.UNGATED)
              .activation("relu2"));

  private LlamaLikes() {}

  /** Biases of all modules of attention, and of the feed-forward. */
  static void biases(Keys keys, Map<String, Object> config) {
    config.put("attention_bias", keys.has(0, "attn_q.bias") || keys.has(0, "attn_qkv.bias"));
    config.put("mlp_bias", keys.has(0, "ffn_up.bias"));
  }

  /** How many experts there are, and how many a token meets. */
  static void experts(Keys keys, Map<String, Object> config) {
    config.put("num_local_experts", keys.positive("expert_count"));
    config.put("num_experts_per_tok", keys.positive("expert_used_count"));
  }

  private static void temperature(Keys keys, Map<String, Object> config) {
    if (!(config.get("rope_scaling") instanceof Map<?, ?> read)
        || !"yarn".equals(read.get("rope_type"))) {
      throw BadInputException.unsupported(
          "%s: has the key %s, but %s is not yarn; give the checkpoint that it was made from",
          keys.file(), keys.named("attention.temperature_scale"), keys.named("rope.scaling.type"));
    }
    Map<String, Object> scaling = new LinkedHashMap<>();
    read.forEach((key, value) -> scaling.put((String) key, value));
    scaling.put("llama_4_scaling_beta", keys.requiredDecimal("attention.temperature_scale"));
    keys.decimal("rope.scaling.yarn_log_multiplier")
        .filter(value -> value != 0)
        .ifPresent(
            value -> {
              scaling.put("mscale", 1.0);
              scaling.put("mscale_all_dim", value);
            });
    config.put("rope_scaling", scaling);
  }

  private static void multipliers(Keys keys, Map<String, Object> config) {
    if (!keys.flag("rope.scaling.finetuned", true)) {
      throw BadInputException.unsupported(
          "%s: %s is false, expected a model with positions; give the checkpoint that it was made"
              + " from",
          keys.file(), keys.named("rope.scaling.finetuned"));
    }
    config.put(
        "attention_multiplier",
        keys.decimal("attention.scale")
            .filter(scale -> scale != 0)
            .orElseGet(() -> 1 / Math.sqrt(keys.headSize())));
    config.put("embedding_multiplier", other(keys, "embedding_scale"));
    config.put("residual_multiplier", other(keys, "residual_scale"));
    config.put("logits_scaling", other(keys, "logit_scale"));
  }

  /** A factor, where 0 stands for none. */
  private static double other(Keys keys, String key) {
    return keys.decimal(key).filter(scale -> scale != 0).orElse(1.0);
  }
}
