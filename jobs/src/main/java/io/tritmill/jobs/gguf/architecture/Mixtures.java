package io.tritmill.jobs.gguf.architecture;

import io.tritmill.jobs.failure.BadInputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Mixtures of experts that are chosen otherwise than Qwen's, or by attention of another kind. */
final class Mixtures {
  /** ggml's number of logistic scores, each for itself. */
  private static final int LOGISTIC = 2;

  private static final int SOFTMAX = 1;

  /** Tokens of GLM-4.7-Flash, whose older files do not say how experts are scored. */
  private static final int FLASH_TOKENS = 154_880;

  private static final int FLASH_BLOCKS = 47;

  private static final Fold AS_IS = new Fold.AsIs();

  private static final String GATING = "expert_gating_func";
  private static final String WIDTH = "expert_feed_forward_length";
  private static final String DENSE = "leading_dense_block_count";

  /** Written as two tensors: newer programs read no other. */
  private static final TensorRules LATENT =
      TensorRules.of(
              new TensorRule(
                  List.of("attn_k_b.weight", "attn_v_b.weight"),
                  List.of("self_attn.kv_b_proj.weight"),
                  new Fold.LatentKeyValues()))
          .and(
              TensorRules.weights(
                      "attn_norm",
                      "input_layernorm",
                      "attn_q",
                      "self_attn.q_proj",
                      "attn_q_a",
                      "self_attn.q_a_proj",
                      "attn_q_a_norm",
                      "self_attn.q_a_layernorm",
                      "attn_q_b",
                      "self_attn.q_b_proj",
                      "attn_kv_a_mqa",
                      "self_attn.kv_a_proj_with_mqa",
                      "attn_kv_a_norm",
                      "self_attn.kv_a_layernorm",
                      "attn_kv_b",
                      "self_attn.kv_b_proj",
                      "attn_output",
                      "self_attn.o_proj",
                      "ffn_norm",
                      "post_attention_layernorm")
                  .biased("attn_q_a", "attn_kv_a_mqa", "attn_output"));

  static final List<Description> ALL =
      List.of(
          Description.of("gpt-oss", "gpt_oss", "GptOssForCausalLM")
              .blocks(
                  TensorRules.ATTENTION.biased(
                      "attn_q", "attn_k", "attn_v", "attn_qkv", "attn_output"),
                  TensorRules.NORMS_BEHIND,
                  TensorRules.weights("ffn_gate_inp", "mlp.router").biased("ffn_gate_inp"),
                  TensorRules.of(
                      TensorRule.of("attn_sinks.weight", "self_attn.sinks", AS_IS),
                      turns("weight", "mlp.experts.gate_up_proj", StackFold.TURNS),
                      TensorRule.of("ffn_down_exps.weight", "mlp.experts.down_proj", AS_IS),
                      turns("bias", "mlp.experts.gate_up_proj_bias", StackFold.BIASES),
                      TensorRule.of("ffn_down_exps.bias", "mlp.experts.down_proj_bias", AS_IS)))
              .windows(2, keys -> 128)
              .reads(WIDTH)
              .config(LlamaLikes::experts)
              .config(Mixtures::gptOss),
          Description.of("minimax-m2", "minimax_m2", "MiniMaxM2ForCausalLM")
              .blocks(
                  TensorRules.ATTENTION,
                  TensorRules.HEAD_NORMS,
                  TensorRules.NORMS,
                  TensorRules.MIXTRAL_EXPERTS,
                  TensorRules.of(
                      TensorRule.of(
                          "exp_probs_b.bias", "block_sparse_moe.e_score_correction_bias", AS_IS)))
              .partialRotation()
              .reads(GATING, WIDTH)
              .config(LlamaLikes::experts)
              .config(
                  (keys, config) -> {
                    requireLogistic(keys, LOGISTIC);
                    config.put("rotary_dim", RopeKeys.turned(keys));
                    keys.optionalWhole(WIDTH)
                        .ifPresent(width -> config.put("intermediate_size", width));
                  }),
          Description.of("ernie4_5-moe", "ernie4_5_moe", "Ernie4_5_MoeForCausalLM")
              .blocks(
                  TensorRules.ATTENTION,
                  TensorRules.NORMS,
                  TensorRules.FEED_FORWARD,
                  TensorRules.EXPERTS,
                  TensorRules.SHARED_EXPERTS,
                  TensorRules.of(
                      TensorRule.of(
                          "exp_probs_b.bias",
                          "mlp.moe_statics.e_score_correction_bias",
                          new Fold.OneInFront())))
              .reads(
                  WIDTH,
                  DENSE,
                  "expert_shared_count",
                  "expert_shared_feed_forward_length",
                  "interleave_moe_layer_step")
              .config(Mixtures::ernie),
          Description.of("glm4moe", "glm4_moe", "Glm4MoeForCausalLM")
              .blocks(
                  TensorRules.ATTENTION.biased("attn_q", "attn_k", "attn_v", "attn_qkv"),
                  TensorRules.HEAD_NORMS,
                  TensorRules.NORMS_BEHIND,
                  TensorRules.FEED_FORWARD,
                  TensorRules.EXPERTS,
                  TensorRules.CORRECTION,
                  TensorRules.SHARED_EXPERTS)
              .prediction(TensorRules.PREDICTION, "model.layers.%d."::formatted, "")
              .partialRotation()
              .reads(
                  GATING,
                  WIDTH,
                  DENSE,
                  "expert_group_count",
                  "expert_group_used_count",
                  "expert_shared_count",
                  "expert_weights_norm",
                  "expert_weights_scale")
              .config(RopeKeys::putShare)
              .config((keys, config) -> config.put("attention_bias", QwenLikes.biased(keys)))
              .config(
                  (keys, config) -> config.put("use_qk_norm", keys.has(0, "attn_q_norm.weight")))
              .config((keys, config) -> grouped(keys, config, LOGISTIC)),
          deepseek("deepseek_v3", "DeepseekV3ForCausalLM")
              .when(Mixtures::denseFirst)
              .written("deepseek_v3", "kimi_k2"),
          deepseek("glm4_moe_lite", "Glm4MoeLiteForCausalLM")
              .config(
                  (keys, config) ->
                      config.put(
                          "mlp_layer_types",
                          IntStream.range(0, keys.blocks())
                              .mapToObj(block -> sparse(keys, block) ? "sparse" : "dense")
                              .toList())));

  private Mixtures() {}

  private static TensorRule turns(String kind, String name, Fold fold) {
    return new TensorRule(
        List.of("ffn_gate_exps." + kind, "ffn_up_exps." + kind), List.of(name), fold);
  }

  private static Description deepseek(String modelType, String className) {
    return Description.of("deepseek2", modelType, className)
        .blocks(
            LATENT,
            TensorRules.FEED_FORWARD,
            TensorRules.EXPERTS,
            TensorRules.CORRECTION,
            TensorRules.SHARED_EXPERTS)
        .prediction(TensorRules.PREDICTION, "model.layers.%d."::formatted, "")
        .latent()
        .reads(
            GATING,
            WIDTH,
            DENSE,
            "attention.key_length_mla",
            "attention.kv_lora_rank",
            "attention.q_lora_rank",
            "attention.value_length_mla",
            "expert_group_count",
            "expert_group_used_count",
            "expert_shared_count",
            "expert_weights_norm",
            "expert_weights_scale")
        .writes("rope.scaling.yarn_log_multiplier", Mixtures::multiplier)
        .config(Mixtures::latent)
        .config((keys, config) -> grouped(keys, config, isFlash(keys) ? LOGISTIC : SOFTMAX));
  }

  /** As ggml tells it from DeepSeek-V2, whose files do not say it either. */
  private static boolean isFlash(Keys keys) {
    return keys.blocks() == FLASH_BLOCKS
        && keys.model()
            .tensor(TensorRules.EMBEDDING)
            .filter(embedding -> embedding.shape().indexOf((long) FLASH_TOKENS) == 0)
            .isPresent();
  }

  private static boolean sparse(Keys keys, int block) {
    return keys.has(block, "ffn_gate_inp.weight");
  }

  private static boolean denseFirst(Keys keys) {
    int first = keys.optionalWhole(DENSE).orElse(0);
    return IntStream.range(0, keys.blocks())
        .allMatch(block -> sparse(keys, block) == block >= first);
  }

  /** A key that is not there says that scores are of a kind of their own. */
  private static void requireLogistic(Keys keys, int otherwise) {
    int found = keys.optionalWhole(GATING).filter(kind -> kind != 0).orElse(otherwise);
    if (found != LOGISTIC) {
      throw BadInputException.unsupported(
          "%s: %s is %d, expected %d, experts whose scores are logistic; give the checkpoint that it"
              + " was made from",
          keys.file(), keys.named(GATING), found, LOGISTIC);
    }
  }

  /** Experts of which the best groups are chosen from, and those that all tokens meet. */
  private static void grouped(Keys keys, Map<String, Object> config, int gatingOtherwise) {
    requireLogistic(keys, gatingOtherwise);
    config.put("n_routed_experts", keys.positive("expert_count"));
    config.put("num_experts_per_tok", keys.positive("expert_used_count"));
    config.put("moe_intermediate_size", keys.positive(WIDTH));
    config.put("n_shared_experts", keys.optionalWhole("expert_shared_count").orElse(0));
    config.put("first_k_dense_replace", keys.optionalWhole(DENSE).orElse(0));
    config.put("n_group", Math.max(1, keys.optionalWhole("expert_group_count").orElse(1)));
    config.put("topk_group", Math.max(1, keys.optionalWhole("expert_group_used_count").orElse(1)));
    config.put("norm_topk_prob", keys.flag("expert_weights_norm", false));
    config.put(
        "routed_scaling_factor",
        keys.decimal("expert_weights_scale").filter(scale -> scale != 0).orElse(1.0));
  }

  private static void latent(Keys keys, Map<String, Object> config) {
    boolean split = keys.has("attention.key_length_mla");
    int turned = RopeKeys.turned(keys);
    int size = keys.positive(split ? "attention.key_length_mla" : "attention.key_length");
    if (size <= turned) {
      throw BadInputException.broken(
          "%s: a head of keys has %d dimensions by its keys, %d of them turned, expected some that"
              + " are not",
          keys.file(), size, turned);
    }
    config.put("num_key_value_heads", keys.heads());
    config.put("q_lora_rank", keys.optionalWhole("attention.q_lora_rank").orElse(null));
    config.put("kv_lora_rank", keys.positive("attention.kv_lora_rank"));
    config.put("qk_rope_head_dim", turned);
    config.put("qk_nope_head_dim", size - turned);
    config.put(
        "v_head_dim",
        keys.positive(split ? "attention.value_length_mla" : "attention.value_length"));
    config.put("attention_bias", keys.has(0, "attn_q_a.bias") || keys.has(0, "attn_kv_a_mqa.bias"));
    config.put("rope_interleave", true);
    if (config.get("rope_scaling") instanceof Map<?, ?> read
        && "yarn".equals(read.get("rope_type"))) {
      config.put("rope_scaling", stretched(keys, read));
    }
  }

  private static Float multiplier(ModelKeys keys) {
    return RopeKeys.parameter(keys, "mscale_all_dim").map(all -> (float) (0.1 * all)).orElse(null);
  }

  /** ggml scales scores by the key, a tenth of what config.json has, and never what is turned. */
  private static Map<String, Object> stretched(Keys keys, Map<?, ?> read) {
    Map<String, Object> scaling = new LinkedHashMap<>();
    read.forEach((key, value) -> scaling.put((String) key, value));
    double scale = keys.decimal("rope.scaling.yarn_log_multiplier").orElse(0.0);
    if (scale == 0) {
      scaling.put("attention_factor", 1.0);
    } else {
      double rounded = Double.parseDouble(Float.toString((float) (10 * scale)));
      scaling.put("mscale", rounded);
      scaling.put("mscale_all_dim", rounded);
    }
    return scaling;
  }

  private static void gptOss(Keys keys, Map<String, Object> config) {
    config.put("intermediate_size", keys.positive(WIDTH));
    config.put("attention_bias", true);
    config.put("swiglu_limit", 7.0);
    if (config.get("rope_scaling") instanceof Map<?, ?> read
        && "yarn".equals(read.get("rope_type"))) {
      Map<String, Object> scaling = new LinkedHashMap<>();
      read.forEach((key, value) -> scaling.put((String) key, value));
      scaling.put("truncate", false);
      config.put("rope_scaling", scaling);
    }
  }

  private static void ernie(Keys keys, Map<String, Object> config) {
    int width = keys.positive(WIDTH);
    int shared = keys.optionalWhole("expert_shared_feed_forward_length").orElse(0);
    if (shared % width != 0) {
      throw BadInputException.broken(
          "%s: %s is %d, expected a multiple of %s, which is %d",
          keys.file(),
          keys.named("expert_shared_feed_forward_length"),
          shared,
          keys.named(WIDTH),
          width);
    }
    config.put("moe_num_experts", keys.positive("expert_count"));
    config.put("moe_k", keys.positive("expert_used_count"));
    config.put("moe_intermediate_size", width);
    config.put("moe_num_shared_experts", shared / width);
    config.put("moe_layer_start_index", keys.optionalWhole(DENSE).orElse(0));
    config.put("moe_layer_interval", keys.optionalWhole("interleave_moe_layer_step").orElse(1));
    config.put("use_bias", false);
  }
}
