package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Activation;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.config.Activations;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.RopeConfig;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.describe.Decoder;
import io.tritmill.kernels.model.describe.StoredTensors;

/** BitNet b1.58: Llama with a norm before the last module of each sublayer. */
final class Bitnet implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(128_256, 2560, 6912, 30, 20, 5, 0, 1e-5, 2048, 128_000);

  @Override
  public String modelType() {
    return "bitnet";
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes sizes = Sizes.read(values, DEFAULTS);
    boolean biased = values.flag("attention_bias", false);
    Activation activation = Activations.read(values, "hidden_act", "relu2");
    Rope rope = new RopeConfig(values, sizes).theta(500_000).read();
    Decoder model = new Decoder(modelType(), values, sizes, stored);
    for (int block = 0; block < sizes.blocks(); block++) {
      model.attention(block).rope(rope).biases(biased, biased).resultNorm("attn_sub_norm").add();
      model.feedForward(block).activation(activation).innerNorm("mlp.ffn_sub_norm").add();
    }
    return model.build(false);
  }
}
