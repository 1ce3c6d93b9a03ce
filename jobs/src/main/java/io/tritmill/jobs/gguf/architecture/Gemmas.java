package io.tritmill.jobs.gguf.architecture;

import java.util.List;
import java.util.Map;

/** The models of the name Gemma: gains of norms are what is added to one, and stored with it. */
final class Gemmas {
  private static final int LARGEST_OF_2 = 46; // blocks of the model that scales scores otherwise
  private static final int LARGEST_OF_3 = 62;

  private static final TensorRules NORMS =
      TensorRules.weights(
          "attn_norm",
          "input_layernorm",
          "post_attention_norm",
          "post_attention_layernorm",
          "ffn_norm",
          "pre_feedforward_layernorm",
          "post_ffw_norm",
          "post_feedforward_layernorm");

  private static final String GELU = "gelu_pytorch_tanh";

  static final List<Description> ALL =
      List.of(
          Description.of("gemma2", "gemma2", "Gemma2ForCausalLM")
              .blocks(TensorRules.ATTENTION, NORMS, TensorRules.FEED_FORWARD)
              .gainsLessOne("")
              .activation(GELU)
              .windows(2, keys -> 4096)
              .reads("attn_logit_softcapping", "final_logit_softcapping")
              .config((keys, config) -> scores(keys, config, LARGEST_OF_2))
              .config(
                  (keys, config) -> {
                    config.put(
                        "attn_logit_softcapping",
                        keys.decimal("attn_logit_softcapping").orElse(50.0));
                    config.put(
                        "final_logit_softcapping",
                        keys.decimal("final_logit_softcapping").orElse(30.0));
                  }),
          Description.of("gemma3", "gemma3_text", "Gemma3ForCausalLM")
              .blocks(
                  TensorRules.ATTENTION, TensorRules.HEAD_NORMS, NORMS, TensorRules.FEED_FORWARD)
              .gainsLessOne("")
              .activation(GELU)
              .windows(6, keys -> 0)
              .reads("final_logit_softcapping", "rope.freq_base_swa")
              .config((keys, config) -> scores(keys, config, LARGEST_OF_3))
              .config(
                  (keys, config) -> {
                    config.put(
                        "rope_local_base_freq", keys.decimal("rope.freq_base_swa").orElse(1e4));
                    config.put("attn_logit_softcapping", null);
                    config.put(
                        "final_logit_softcapping",
                        keys.decimal("final_logit_softcapping").filter(c -> c != 0).orElse(null));
                  }));

  private Gemmas() {}

  /** ggml tells the largest by its blocks, which is scaled by the width of all heads together. */
  private static void scores(Keys keys, Map<String, Object> config, int largest) {
    boolean wide = keys.blocks() == largest;
    config.put("query_pre_attn_scalar", wide ? keys.hidden() / keys.heads() : keys.headSize());
    config.put("hidden_activation", GELU);
    config.put("attention_bias", false);
  }
}
