package io.tritmill.jobs.gguf.architecture;

import io.tritmill.jobs.gguf.GgufArray;
import io.tritmill.jobs.tensor.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Qwen's models of delta-nets, with attention in some blocks. */
final class Hybrids {
  /** Blocks from one with attention to the next where neither file says. */
  static final int INTERVAL_OTHERWISE = 4;

  private static final String RECURRENT = "attention.recurrent_layers";
  private static final String INTERVAL = "full_attention_interval";
  private static final String WIDTH = "expert_feed_forward_length";
  private static final String SHARED_WIDTH = "expert_shared_feed_forward_length";
  private static final String SECTIONS = "rope.dimension_sections";
  private static final List<Integer> SECTIONS_OTHERWISE = List.of(11, 11, 10);
  private static final String DELTA_NORM = "ssm_norm.weight";

  private static final TensorRules COMMON =
      TensorRules.GATED_ATTENTION
          .and(TensorRules.HEAD_NORMS)
          .and(TensorRules.NORMS_BEHIND)
          .and(TensorRules.weights("ssm_norm", "linear_attn.norm"));

  /** Heads of values that share one of keys lie together, on both sides. */
  private static final TensorRules GROUPED =
      TensorRules.of(
          new TensorRule(
              List.of("attn_qkv.weight", "attn_gate.weight"),
              List.of("linear_attn.in_proj_qkvz.weight"),
              DeltaFold.BY_KEY_HEAD),
          TensorRule.of("ssm_in.weight", "linear_attn.in_proj_qkvz.weight", new Fold.AsIs()),
          TensorRule.of("ssm_ba.weight", "linear_attn.in_proj_ba.weight", new Fold.AsIs()),
          TensorRule.of("ssm_conv1d.weight", "linear_attn.conv1d.weight", new Fold.OneInside()),
          TensorRule.of("ssm_dt.bias", "linear_attn.dt_bias", new Fold.AsIs()),
          TensorRule.of("ssm_a", "linear_attn.A_log", new Fold.Values(Change.LOG_OF_NEGATIVE)),
          TensorRule.of("ssm_out.weight", "linear_attn.out_proj.weight", new Fold.AsIs()));

  /** In ggml the first heads of values of all heads of keys come first. */
  private static final TensorRules TILED =
      TensorRules.of(
          TensorRule.of("attn_qkv.weight", "linear_attn.in_proj_qkv.weight", DeltaFold.MIXED),
          TensorRule.of("attn_gate.weight", "linear_attn.in_proj_z.weight", DeltaFold.VALUES),
          TensorRule.of("ssm_beta.weight", "linear_attn.in_proj_b.weight", DeltaFold.CONTROLS),
          TensorRule.of("ssm_alpha.weight", "linear_attn.in_proj_a.weight", DeltaFold.CONTROLS),
          TensorRule.of("ssm_conv1d.weight", "linear_attn.conv1d.weight", DeltaFold.CONVOLUTION),
          TensorRule.of("ssm_dt.bias", "linear_attn.dt_bias", DeltaFold.SHIFTS),
          TensorRule.of("ssm_a", "linear_attn.A_log", DeltaFold.RATES),
          TensorRule.of("ssm_out.weight", "linear_attn.out_proj.weight", DeltaFold.OUTPUT));

  private static final TensorRules PREDICTION =
      TensorRules.weights(
          "nextn.eh_proj",
          "fc",
          "nextn.enorm",
          "pre_fc_norm_embedding",
          "nextn.hnorm",
          "pre_fc_norm_hidden",
          "nextn.shared_head_norm",
          "norm");

  static final List<Description> ALL =
      List.of(
          hybrid("qwen3next", "qwen3_next", "Qwen3NextForCausalLM")
              .blocks(COMMON, GROUPED, TensorRules.EXPERTS, TensorRules.SHARED_EXPERT)
              .reads(WIDTH, SHARED_WIDTH)
              .config(QwenLikes::experts)
              .config(Hybrids::shared)
              .prediction(PREDICTION, block -> "mtp.", "layers.0.")
              .gainsLessOne(DELTA_NORM),
          hybrid("qwen35", "qwen3_5_text", "Qwen3_5ForCausalLM")
              .blocks(COMMON, TILED, TensorRules.FEED_FORWARD)
              .writes(SECTIONS, Hybrids::sections)
              .prediction(PREDICTION, block -> "mtp.", "layers.0.")
              .gainsLessOne(DELTA_NORM),
          hybrid("qwen35moe", "qwen3_5_moe_text", "Qwen3_5MoeForCausalLM")
              .blocks(COMMON, TILED, TensorRules.STACKED_EXPERTS, TensorRules.SHARED_EXPERT)
              .reads(WIDTH, SHARED_WIDTH)
              .writes(SECTIONS, Hybrids::sections)
              .config(QwenLikes::experts)
              .config(Hybrids::shared)
              .prediction(PREDICTION, block -> "mtp.", "layers.0.")
              .gainsLessOne(DELTA_NORM));

  private Hybrids() {}

  private static Description hybrid(String architecture, String modelType, String className) {
    return Description.of(architecture, modelType, className)
        .partialRotation()
        .reads(
            RECURRENT,
            INTERVAL,
            "ssm.conv_kernel",
            "ssm.group_count",
            "ssm.inner_size",
            "ssm.state_size",
            "ssm.time_step_rank")
        .config(RopeKeys::putShare)
        .config(Hybrids::delta);
  }

  /** Pairs that turn with time, height and width: all with the same in a text. */
  private static GgufArray sections(ModelKeys keys) {
    List<Integer> sections =
        new ArrayList<>(
            RopeKeys.parameters(keys).integers("mrope_section").orElse(SECTIONS_OTHERWISE));
    while (sections.size() < 4) {
      sections.add(0);
    }
    return GgufArray.of(sections.subList(0, 4));
  }

  private static void delta(Keys keys, Map<String, Object> config) {
    DeltaFold.Heads heads = DeltaFold.Heads.of(keys);
    String kinds = keys.has(RECURRENT) ? RECURRENT : INTERVAL;
    config.put(
        "layer_types",
        keys.kinds(kinds, INTERVAL_OTHERWISE).stream()
            .map(recurrent -> recurrent ? "linear_attention" : "full_attention")
            .toList());
    config.put("linear_num_key_heads", heads.keyHeads());
    config.put("linear_num_value_heads", heads.valueHeads());
    config.put("linear_key_head_dim", heads.keySize());
    config.put("linear_value_head_dim", heads.valueSize());
    config.put("linear_conv_kernel_dim", keys.positive("ssm.conv_kernel"));
  }

  private static void shared(Keys keys, Map<String, Object> config) {
    config.put(
        "shared_expert_intermediate_size",
        keys.optionalWhole(SHARED_WIDTH).orElseGet(() -> keys.positive("feed_forward_length")));
  }
}
