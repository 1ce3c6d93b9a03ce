package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.LayerKinds;
import io.tritmill.kernels.model.config.OtherFunctions;
import io.tritmill.kernels.model.config.RopeConfig;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.config.UnsupportedConfigException;

/** What Qwen3-Next and Qwen3.5 put before their feed-forwards: delta-nets, and gated attention. */
final class QwenHybrid {
  private final ConfigValues values;
  private final Decoder model;
  private final boolean[] recurrent;
  private final Rope rope;
  private final boolean biased;

  /** Reads what concerns it. */
  QwenHybrid(ConfigValues values, Sizes sizes, Decoder model) {
    this.values = values;
    this.model = model.onePlusNorms();
    OtherFunctions.requireSilu(values);
    if (!values.flag("attn_output_gate", true)) {
      throw new UnsupportedConfigException("attn_output_gate is false, expected true");
    }
    int interval = values.integer("full_attention_interval", 4);
    recurrent = LayerKinds.recurrent(values, sizes.blocks(), LayerKinds.allButEvery(interval));
    rope = new RopeConfig(values, sizes).fraction(0.25).read();
    biased = values.flag("attention_bias", false);
  }

  /** Whether a block has a delta-net, not attention. */
  boolean recurrent(int block) {
    return recurrent[block];
  }

  /** The delta-net of a block. */
  DeltaNetDescription deltaNet(int block) {
    return model
        .deltaNet(block)
        .heads(
            values.integer("linear_num_key_heads", 16),
            values.integer("linear_num_value_heads", 32))
        .sizes(
            values.integer("linear_key_head_dim", 128),
            values.integer("linear_value_head_dim", 128))
        .convolution(values.integer("linear_conv_kernel_dim", 4));
  }

  /** The attention of a block. */
  AttentionDescription attention(int block) {
    return model.attention(block).rope(rope).biases(biased, biased).headNorms().gated();
  }

  /** The delta-net of Qwen3.5 or the attention of a block, added to the model. */
  void add(int block) {
    if (recurrent(block)) {
      deltaNet(block).add();
    } else {
      attention(block).add();
    }
  }
}
