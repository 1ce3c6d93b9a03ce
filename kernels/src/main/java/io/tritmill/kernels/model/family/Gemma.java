package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.config.Activations;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.describe.AttentionDescription;
import io.tritmill.kernels.model.describe.Decoder;
import io.tritmill.kernels.model.describe.FeedForwardDescription;
import io.tritmill.kernels.model.describe.StoredTensors;

/** What the models of the name Gemma have in common. */
final class Gemma {
  private Gemma() {}

  /**
   * Begins a description.
   *
   * @param logitCap what counts where config.json does not say; 0 for none
   */
  static Decoder begin(
      String modelType, ConfigValues values, Sizes sizes, StoredTensors stored, double logitCap) {
    return new Decoder(modelType, values, sizes, stored)
        .onePlusNorms()
        .embeddingScale(Math.sqrt(sizes.hidden()))
        .logits(1, number(values, "final_logit_softcapping", logitCap));
  }

  /** Attention between two norms, its scores scaled by a key of its own. */
  static AttentionDescription attention(Decoder model, int block, ConfigValues values) {
    return model
        .attention(block)
        .scale(1 / Math.sqrt(values.decimal("query_pre_attn_scalar", 256)))
        .norms("input_layernorm", "post_attention_layernorm");
  }

  /** The feed-forward between two norms. */
  static FeedForwardDescription feedForward(Decoder model, int block, ConfigValues values) {
    return model
        .feedForward(block)
        .activation(Activations.read(values, "hidden_activation", "gelu_pytorch_tanh"))
        .norms("pre_feedforward_layernorm", "post_feedforward_layernorm");
  }

  /** A number; 0 where it is null. */
  static double number(ConfigValues values, String key, double absent) {
    return values.has(key) && values.values().get(key) == null ? 0 : values.decimal(key, absent);
  }
}
