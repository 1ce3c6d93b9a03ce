package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.OtherFunctions;
import io.tritmill.kernels.model.config.RopeConfig;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.describe.Decoder;
import io.tritmill.kernels.model.describe.StoredTensors;

/**
 * Llama: RMSNorm before attention and feed-forward, grouped-query attention with half-split RoPE,
 * SiLU-gated feed-forward, biases by config.json.
 */
public final class Llama implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(32_000, 4096, 11_008, 32, 32, 0, 0, 1e-6, 2048, 1);

  @Override
  public String modelType() {
    return "llama";
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    OtherFunctions.requireSilu(values);
    // Held to its domain, though Llama does not use it.
    values.integer("sliding_window", 4096, 0);
    Sizes sizes = Sizes.read(values, DEFAULTS);
    Rope rope = RopeConfig.read(values, sizes);
    boolean attentionBias = values.flag("attention_bias", false);
    boolean feedForwardBias = values.flag("mlp_bias", false);
    Decoder model = new Decoder(modelType(), values, sizes, stored);
    for (int block = 0; block < sizes.blocks(); block++) {
      model.attention(block).rope(rope).biases(attentionBias, attentionBias).add();
      model.feedForward(block).biases(feedForwardBias).add();
    }
    return model.build(false);
  }
}
