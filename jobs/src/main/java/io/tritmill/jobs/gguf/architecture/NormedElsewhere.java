package io.tritmill.jobs.gguf.architecture;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Dense models whose norms stand elsewhere, or are others, than those of Llama. */
final class NormedElsewhere {
  static final List<Description> ALL =
      List.of(
          Description.of("olmo2", "olmo3", "Olmo3ForCausalLM")
              .when(keys -> keys.optionalWhole(Windows.SIZE).orElse(0) > 0)
              .blocks(
                  TensorRules.ATTENTION,
                  TensorRules.HEAD_NORMS,
                  TensorRules.NORMS_AFTER,
                  TensorRules.FEED_FORWARD)
              .windows(4, keys -> 0)
              .reads("rope.freq_base_swa")
              .config(NormedElsewhere::positionsByKind),
          Description.of("olmo2", "olmo2", "Olmo2ForCausalLM")
              .blocks(
                  TensorRules.ATTENTION,
                  TensorRules.HEAD_NORMS,
                  TensorRules.NORMS_AFTER,
                  TensorRules.FEED_FORWARD)
              .reads(Windows.SIZE),
          Description.of("exaone4", "exaone4", "Exaone4ForCausalLM")
              .blocks(
                  TensorRules.ATTENTION,
                  TensorRules.HEAD_NORMS,
                  TensorRules.NORMS_AFTER,
                  TensorRules.FEED_FORWARD)
              // ggml gives the model of 64 blocks windows, whatever the keys say.
              .windows(4, keys -> keys.blocks() == 64 ? 4096 : 0),
          Description.of("glm4", "glm4", "Glm4ForCausalLM")
              .blocks(
                  TensorRules.ATTENTION.biased("attn_q", "attn_k", "attn_v", "attn_qkv"),
                  TensorRules.NORMS,
                  TensorRules.weights(
                      "post_attention_norm",
                      "post_self_attn_layernorm",
                      "post_ffw_norm",
                      "post_mlp_layernorm"),
                  TensorRules.FUSED)
              .partialRotation()
              .config(RopeKeys::putShare)
              .config((keys, config) -> config.put("attention_bias", QwenLikes.biased(keys))),
          Description.of("command-r", "cohere", "CohereForCausalLM")
              .blocks(
                  TensorRules.ATTENTION,
                  TensorRules.HEAD_NORMS,
                  TensorRules.weights("attn_norm", "input_layernorm"),
                  TensorRules.FEED_FORWARD)
              .layerNorms()
              .reads("logit_scale")
              .config(NormedElsewhere::logits)
              .config(
                  (keys, config) -> config.put("use_qk_norm", keys.has(0, "attn_q_norm.weight"))),
          Description.of("cohere2", "cohere2", "Cohere2ForCausalLM")
              .blocks(
                  TensorRules.ATTENTION,
                  TensorRules.weights("attn_norm", "input_layernorm"),
                  TensorRules.FEED_FORWARD)
              .layerNorms()
              .reads("logit_scale")
              .config(NormedElsewhere::logits)
              .windows(4, keys -> 4096),
          Description.of("apertus", "apertus", "ApertusForCausalLM")
              .blocks(
                  TensorRules.ATTENTION,
                  TensorRules.HEAD_NORMS,
                  TensorRules.weights(
                      "attn_norm", "attention_layernorm", "ffn_norm", "feedforward_layernorm"),
                  TensorRules.UNGATED)
              .activation("xielu")
              // What the activation of each block has learned.
              .numbers("xielu.alpha_p", "mlp.act_fn.alpha_p", List.of(1L))
              .numbers("xielu.alpha_n", "mlp.act_fn.alpha_n", List.of(1L))
              .numbers("xielu.beta", "mlp.act_fn.beta", List.of())
              .numbers("xielu.eps", "mlp.act_fn.eps", List.of()));

  private NormedElsewhere() {}

  private static void logits(Keys keys, Map<String, Object> config) {
    config.put("logit_scale", keys.decimal("logit_scale").filter(s -> s != 0).orElse(1.0));
    config.put("attention_bias", false);
  }

  /** Blocks with a window have positions of their own, which are not scaled. */
  private static void positionsByKind(Keys keys, Map<String, Object> config) {
    Map<String, Object> full = new LinkedHashMap<>();
    full.put("rope_type", "default");
    if (config.remove("rope_scaling") instanceof Map<?, ?> scaling) {
      scaling.forEach((key, value) -> full.put((String) key, value));
    }
    full.put("rope_theta", config.remove("rope_theta"));
    double base = keys.decimal("rope.freq_base_swa").orElseGet(() -> RopeKeys.base(keys));
    Map<String, Object> near = new LinkedHashMap<>();
    near.put("rope_type", "default");
    near.put("rope_theta", base);
    Map<String, Object> kinds = new LinkedHashMap<>();
    kinds.put("full_attention", full);
    kinds.put("sliding_attention", near);
    config.put("rope_parameters", kinds);
  }
}
