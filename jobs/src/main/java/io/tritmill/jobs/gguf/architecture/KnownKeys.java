package io.tritmill.jobs.gguf.architecture;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Which keys of an architecture count, which say nothing, and which a model may not have. */
final class KnownKeys {
  /** What all descriptions read. */
  private static final Set<String> COMMON =
      Set.of(
          "attention.head_count",
          "attention.head_count_kv",
          "attention.key_length",
          "attention.layer_norm_epsilon",
          "attention.layer_norm_rms_epsilon",
          "attention.value_length",
          "block_count",
          "context_length",
          "embedding_length",
          "expert_count",
          "feed_forward_length",
          "rope.dimension_count",
          "rope.freq_base",
          "rope.scale_linear",
          "rope.scaling.attn_factor",
          "rope.scaling.factor",
          "rope.scaling.original_context_length",
          "rope.scaling.type",
          "rope.scaling.yarn_attn_factor",
          "rope.scaling.yarn_beta_fast",
          "rope.scaling.yarn_beta_slow",
          "vocab_size");

  /** What changes nothing that is computed of a text. */
  private static final Set<String> SILENT =
      Set.of(
          "attention.causal",
          "expert_used_count",
          "pooling_type",
          "rope.scaling.finetuned",
          "tensor_data_layout");

  /** What ggml acts upon in some architecture, by the beginnings of its keys. */
  private static final List<String> ELSEWHERE =
      List.of(
          "activation",
          "adapters.",
          "altup.",
          "attention.",
          "attn_",
          "classifier.",
          "conv",
          "deepstack_mapping",
          "embedding_",
          "expert_",
          "experts_",
          "final_logit_softcapping",
          "full_attention_interval",
          "hidden_activation",
          "hyper_connection.",
          "interleave_moe_layer_step",
          "kda.",
          "leading_dense_block_count",
          "logit_scale",
          "moe_",
          "n_deepstack_layers",
          "nextn_predict_layers",
          "norm_",
          "num_loops",
          "ple.",
          "rescale_every_n_layers",
          "residual_scale",
          "rope.",
          "router_logit_softcapping",
          "shortconv.",
          "ssm.",
          "swiglu_clamp_",
          "swin_norm",
          "token_shift_count",
          "use_parallel_residual",
          "wkv.");

  /** Arrays with an element for each block. */
  private static final List<String> BY_BLOCK =
      List.of(
          "attention.head_count",
          "attention.head_count_kv",
          "attention.recurrent_layers",
          "attention.sliding_window_pattern",
          "expert_feed_forward_length",
          "expert_used_count",
          "feed_forward_length");

  private KnownKeys() {}

  /** Keys whose arrays must be read whole. */
  static Set<String> whole() {
    Set<String> whole = new TreeSet<>();
    for (Description description : Descriptions.ALL) {
      description.numbers().forEach(numbers -> whole.add(numbers.key()));
    }
    for (String architecture : Descriptions.names()) {
      BY_BLOCK.forEach(key -> whole.add(architecture + "." + key));
    }
    return whole;
  }

  /**
   * Refuses a model with keys that change what is computed, and are read here in other
   * architectures alone or in none.
   *
   * @throws BadInputException if there is one
   */
  static void require(Keys keys, Description description) {
    for (String key : own(keys)) {
      boolean counts = COMMON.contains(key) || description.reads().contains(key);
      if (!counts && !SILENT.contains(key) && ELSEWHERE.stream().anyMatch(key::startsWith)) {
        throw BadInputException.unsupported(
            "%s: has the key %s, which a model_type of %s does not know; give the checkpoint that it"
                + " was made from",
            keys.file(), Printable.of(keys.named(key)), description.modelType());
      }
    }
    if (!keys.flag("attention.causal", true)) {
      throw BadInputException.unsupported(
          "%s: %s is false, expected a model in which a token sees those before it alone",
          keys.file(), keys.named("attention.causal"));
    }
  }

  /** Whether a description has a key, be it for information. */
  static boolean has(Description description, String key) {
    return COMMON.contains(key) || description.reads().contains(key) || SILENT.contains(key);
  }

  /** Those of the architecture, without its name. */
  private static Collection<String> own(Keys keys) {
    String prefix = keys.architecture() + ".";
    return keys.model().keys().values().keySet().stream()
        .filter(key -> key.startsWith(prefix))
        .map(key -> key.substring(prefix.length()))
        .toList();
  }
}
