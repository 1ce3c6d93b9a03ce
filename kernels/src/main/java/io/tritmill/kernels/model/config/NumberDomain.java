package io.tritmill.kernels.model.config;

import java.util.Map;
import java.util.function.DoublePredicate;

/**
 * What each number of config.json may be: the one place where that is said.
 *
 * @param expected in words
 */
record NumberDomain(String expected, DoublePredicate holds) {
  private static final NumberDomain ANY = new NumberDomain("a number", value -> true);
  private static final NumberDomain SIZE = new NumberDomain("at least 1", value -> value >= 1);
  private static final NumberDomain POSITIVE =
      new NumberDomain("a positive number", value -> value > 0 && Double.isFinite(value));
  private static final NumberDomain NOT_NEGATIVE =
      new NumberDomain("a number of at least 0", value -> value >= 0 && Double.isFinite(value));
  private static final NumberDomain SHARE =
      new NumberDomain("a number above 0 and at most 1", value -> value > 0 && value <= 1);

  private static final Map<String, NumberDomain> DOMAINS =
      Map.ofEntries(
          Map.entry("vocab_size", SIZE),
          Map.entry("hidden_size", SIZE),
          Map.entry("intermediate_size", SIZE),
          Map.entry("num_hidden_layers", SIZE),
          Map.entry("num_attention_heads", SIZE),
          Map.entry("num_key_value_heads", SIZE),
          Map.entry("head_dim", SIZE),
          Map.entry("max_position_embeddings", SIZE),
          Map.entry("original_max_position_embeddings", SIZE),
          Map.entry("sliding_window", SIZE),
          Map.entry("rms_norm_eps", NOT_NEGATIVE),
          Map.entry("layer_norm_eps", NOT_NEGATIVE),
          Map.entry("rope_theta", POSITIVE),
          Map.entry("factor", POSITIVE),
          Map.entry("low_freq_factor", POSITIVE),
          Map.entry("beta_fast", POSITIVE),
          Map.entry("beta_slow", POSITIVE),
          Map.entry("attention_factor", POSITIVE),
          Map.entry("rope_local_base_freq", POSITIVE),
          Map.entry("query_pre_attn_scalar", POSITIVE),
          Map.entry("attn_logit_softcapping", POSITIVE),
          Map.entry("final_logit_softcapping", POSITIVE),
          Map.entry("logits_scaling", POSITIVE),
          Map.entry("sliding_window_pattern", SIZE),
          Map.entry("global_head_dim", SIZE),
          Map.entry("num_global_key_value_heads", SIZE),
          Map.entry("top_k_experts", SIZE),
          Map.entry("alpha", POSITIVE),
          Map.entry("llama_4_scaling_beta", NOT_NEGATIVE),
          Map.entry("no_rope_layer_interval", SIZE),
          Map.entry("full_attention_interval", SIZE),
          Map.entry("linear_num_key_heads", SIZE),
          Map.entry("linear_num_value_heads", SIZE),
          Map.entry("linear_key_head_dim", SIZE),
          Map.entry("linear_value_head_dim", SIZE),
          Map.entry("linear_conv_kernel_dim", SIZE),
          Map.entry("high_freq_factor", POSITIVE),
          Map.entry("num_local_experts", SIZE),
          Map.entry("num_experts", SIZE),
          Map.entry("num_experts_per_tok", SIZE),
          Map.entry("experts_per_token", SIZE),
          Map.entry("swiglu_limit", POSITIVE),
          Map.entry("moe_intermediate_size", SIZE),
          Map.entry("decoder_sparse_step", SIZE),
          Map.entry("moe_num_experts", SIZE),
          Map.entry("moe_k", SIZE),
          Map.entry("moe_layer_interval", SIZE),
          Map.entry("n_routed_experts", SIZE),
          Map.entry("n_group", SIZE),
          Map.entry("topk_group", SIZE),
          Map.entry("rotary_dim", SIZE),
          Map.entry("qk_nope_head_dim", SIZE),
          Map.entry("qk_rope_head_dim", SIZE),
          Map.entry("v_head_dim", SIZE),
          Map.entry("kv_lora_rank", SIZE),
          Map.entry("q_lora_rank", SIZE),
          Map.entry("mscale", NOT_NEGATIVE),
          Map.entry("mscale_all_dim", NOT_NEGATIVE),
          Map.entry("n_shared_experts", NOT_NEGATIVE),
          Map.entry("moe_num_shared_experts", NOT_NEGATIVE),
          Map.entry("first_k_dense_replace", NOT_NEGATIVE),
          Map.entry("moe_norm_min", NOT_NEGATIVE),
          Map.entry("routed_scaling_factor", POSITIVE),
          Map.entry("partial_rotary_factor", SHARE));

  /** That of a key; any number for one that has no bounds of its own, such as an id of a token. */
  static NumberDomain of(String key) {
    return DOMAINS.getOrDefault(key, ANY);
  }
}
