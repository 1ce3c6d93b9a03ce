package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.OtherFunctions;
import io.tritmill.kernels.model.config.RopeConfig;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.config.UnsupportedConfigException;
import io.tritmill.kernels.model.describe.Decoder;
import io.tritmill.kernels.model.describe.StoredTensors;

/** Mistral: Llama with a sliding window and without biases. */
final class Mistral implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(32_000, 4096, 14_336, 32, 32, 8, 0, 1e-6, 131_072, 1);

  @Override
  public String modelType() {
    return "mistral";
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    OtherFunctions.requireSilu(values);
    if (values.values().get("layer_types") != null) {
      throw new UnsupportedConfigException(
          "has the key layer_types, expected one window for all layers of a mistral");
    }
    int window = values.integer("sliding_window", 4096, 0);
    Sizes sizes = Sizes.read(values, DEFAULTS);
    Rope rope = RopeConfig.read(values, sizes);
    Decoder model = new Decoder(modelType(), values, sizes, stored);
    for (int block = 0; block < sizes.blocks(); block++) {
      model.attention(block).rope(rope).window(window).add();
      model.feedForward(block).add();
    }
    return model.build(false);
  }
}
