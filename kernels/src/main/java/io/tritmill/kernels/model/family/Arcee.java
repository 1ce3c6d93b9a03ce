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

/** Arcee: Llama whose feed-forward has no gate. */
final class Arcee implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(32_000, 2560, 18_432, 32, 32, 0, 0, 1e-5, 4096, 128_000);

  @Override
  public String modelType() {
    return "arcee";
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes sizes = Sizes.read(values, DEFAULTS);
    boolean biased = values.flag("attention_bias", false);
    boolean feedForwardBiased = values.flag("mlp_bias", false);
    Activation activation = Activations.read(values, "hidden_act", "relu2");
    Rope rope = RopeConfig.read(values, sizes);
    Decoder model = new Decoder(modelType(), values, sizes, stored);
    for (int block = 0; block < sizes.blocks(); block++) {
      model.attention(block).rope(rope).biases(biased, biased).add();
      model.feedForward(block).activation(activation).ungated().biases(feedForwardBiased).add();
    }
    return model.build(false);
  }
}
