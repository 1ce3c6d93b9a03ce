package io.tritmill.jobs.gguf.architecture;

import java.util.List;
import java.util.Map;

/** Dense models, and Qwen's mixture, whose pairs are halves of heads on both sides. */
final class QwenLikes {
  private static final TensorRules BIASED_INPUTS =
      TensorRules.ATTENTION.biased("attn_q", "attn_k", "attn_v", "attn_qkv");

  static final List<Description> ALL =
      List.of(
          Description.of("qwen2", "qwen2", "Qwen2ForCausalLM")
              .blocks(BIASED_INPUTS, TensorRules.NORMS, TensorRules.FEED_FORWARD)
              .config((keys, config) -> config.put("use_sliding_window", false)),
          Description.of("qwen3", "qwen3", "Qwen3ForCausalLM")
              .blocks(
                  TensorRules.ATTENTION,
                  TensorRules.HEAD_NORMS,
                  TensorRules.NORMS,
                  TensorRules.FEED_FORWARD)
              .config((keys, config) -> config.put("use_sliding_window", false)),
          Description.of("qwen3moe", "qwen3_moe", "Qwen3MoeForCausalLM")
              .blocks(
                  TensorRules.ATTENTION,
                  TensorRules.HEAD_NORMS,
                  TensorRules.NORMS,
                  TensorRules.EXPERTS)
              .reads("expert_feed_forward_length")
              .config((keys, config) -> config.put("use_sliding_window", false))
              .config(QwenLikes::experts),
          Description.of("seed_oss", "seed_oss", "SeedOssForCausalLM")
              .blocks(
                  TensorRules.ATTENTION.biased(
                      "attn_q", "attn_k", "attn_v", "attn_qkv", "attn_output"),
                  TensorRules.NORMS_BEHIND,
                  TensorRules.FEED_FORWARD)
              .config(
                  (keys, config) -> {
                    config.put("attention_bias", biased(keys));
                    config.put("attention_out_bias", keys.has(0, "attn_output.bias"));
                  }),
          Description.of("hunyuan-dense", "hunyuan_v1_dense", "HunYuanDenseV1ForCausalLM")
              .blocks(
                  TensorRules.ATTENTION,
                  TensorRules.weights(
                      "attn_q_norm",
                      "self_attn.query_layernorm",
                      "attn_k_norm",
                      "self_attn.key_layernorm"),
                  TensorRules.NORMS,
                  TensorRules.FEED_FORWARD),
          Description.of("bitnet", "bitnet", "BitNetForCausalLM")
              .blocks(
                  TensorRules.ATTENTION,
                  TensorRules.NORMS,
                  TensorRules.weights(
                      "attn_sub_norm",
                      "self_attn.attn_sub_norm",
                      "ffn_sub_norm",
                      "mlp.ffn_sub_norm"),
                  TensorRules.FEED_FORWARD),
          Description.of("phi3", "phi3", "Phi3ForCausalLM")
              .blocks(
                  TensorRules.weights(
                      "attn_qkv", "self_attn.qkv_proj", "attn_output", "self_attn.o_proj"),
                  TensorRules.NORMS,
                  TensorRules.FUSED)
              .reads("attention.sliding_window")
              .writes("rope.scaling.original_context_length", RopeKeys::original)
              .partialRotation()
              .config(RopeKeys::putShare)
              .config(QwenLikes::phi));

  private QwenLikes() {}

  /** Whether queries, keys and values have biases. */
  static boolean biased(Keys keys) {
    return keys.has(0, "attn_q.bias") || keys.has(0, "attn_qkv.bias");
  }

  /** Experts in all blocks. */
  static void experts(Keys keys, Map<String, Object> config) {
    int chosen = keys.positive("expert_used_count");
    config.put("num_experts", keys.positive("expert_count"));
    config.put("num_experts_per_tok", chosen);
    config.put(
        "moe_intermediate_size",
        keys.optionalWhole("expert_feed_forward_length")
            .orElseGet(() -> keys.positive("feed_forward_length") / chosen));
    config.put("norm_topk_prob", true);
    config.put("decoder_sparse_step", 1);
    config.put("mlp_only_layers", List.of());
  }

  private static void phi(Keys keys, Map<String, Object> config) {
    keys.optionalWhole("rope.scaling.original_context_length")
        .ifPresent(length -> config.put("original_max_position_embeddings", length));
    config.put(
        "sliding_window",
        keys.optionalWhole("attention.sliding_window").filter(w -> w > 0).orElse(null));
  }
}
