package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.LayerKinds;
import io.tritmill.kernels.model.config.OtherFunctions;
import io.tritmill.kernels.model.config.RopeConfig;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.config.UnsupportedConfigException;
import io.tritmill.kernels.model.describe.Decoder;
import io.tritmill.kernels.model.describe.DeltaNetDescription;
import io.tritmill.kernels.model.describe.ExpertsDescription;
import io.tritmill.kernels.model.describe.FeedForwardNames;

/** What the blocks of Qwen3-Next and Qwen3.5 have: delta-nets, gated attention, experts. */
final class QwenHybrid {
  private final ConfigValues values;
  private final Decoder model;
  private final boolean[] recurrent;
  private final Rope rope;
  private final boolean biased;
  private boolean oneTensor;

  /** Reads what concerns it. */
  QwenHybrid(ConfigValues values, Sizes sizes, Decoder model) {
    this.values = values;
    this.model = model.onePlusNorms();
    OtherFunctions.requireSilu(values);
    if (2L * sizes.heads() * sizes.headSize() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "num_attention_heads is %d and head_dim %d, expected a product below 2^30"
              .formatted(sizes.heads(), sizes.headSize()));
    }
    if (!values.flag("attn_output_gate", true)) {
      throw new UnsupportedConfigException("attn_output_gate is false, expected true");
    }
    int interval = values.integer("full_attention_interval", 4);
    recurrent = LayerKinds.recurrent(values, sizes.blocks(), LayerKinds.allButEvery(interval));
    rope = new RopeConfig(values, sizes).fraction(0.25).read();
    biased = values.flag("attention_bias", false);
  }

  /** What reads the input of a delta-net lies in one tensor, and what controls it in another. */
  QwenHybrid oneTensor() {
    oneTensor = true;
    return this;
  }

  /** Adds the delta-net or the attention of a block. */
  void mix(int block) {
    if (!recurrent[block]) {
      model.attention(block).rope(rope).biases(biased, biased).headNorms().gated().add();
      return;
    }
    DeltaNetDescription net =
        model
            .deltaNet(block)
            .heads(
                values.integer("linear_num_key_heads", 16),
                values.integer("linear_num_value_heads", 32))
            .sizes(
                values.integer("linear_key_head_dim", 128),
                values.integer("linear_value_head_dim", 128))
            .convolution(values.integer("linear_conv_kernel_dim", 4));
    (oneTensor ? net.byKeyHead() : net).add();
  }

  /**
   * The experts of a block.
   *
   * @param number of them where config.json does not say
   * @param each those that a token meets, likewise
   */
  ExpertsDescription experts(int block, int number, int each) {
    return model
        .experts(block)
        .sizes(
            values.integer("num_local_experts", values.integer("num_experts", number)),
            values.integer("num_experts_per_tok", each),
            values.integer("moe_intermediate_size", 512))
        .normalized(values.flag("norm_topk_prob", true), 0)
        .shared(
            FeedForwardNames.under("mlp.shared_expert"),
            values.integer("shared_expert_intermediate_size", 512),
            "mlp.shared_expert_gate.weight");
  }
}
