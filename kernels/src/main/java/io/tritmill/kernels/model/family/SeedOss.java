package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.OtherFunctions;
import io.tritmill.kernels.model.config.RopeConfig;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.describe.Decoder;
import io.tritmill.kernels.model.describe.StoredTensors;

/** Seed-OSS: Llama with a key for the bias of each side of attention. */
final class SeedOss implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(155_136, 4096, 27_648, 64, 80, 8, 128, 1e-6, 524_288, -1);

  @Override
  public String modelType() {
    return "seed_oss";
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes sizes = Sizes.read(values, DEFAULTS);
    OtherFunctions.requireSilu(values);
    boolean inputs = values.flag("attention_bias", true);
    boolean output = values.flag("attention_out_bias", false);
    boolean feedForwardBiased = values.flag("mlp_bias", false);
    Rope rope = RopeConfig.read(values, sizes);
    Decoder model = new Decoder(modelType(), values, sizes, stored);
    for (int block = 0; block < sizes.blocks(); block++) {
      model.attention(block).rope(rope).biases(inputs, output).add();
      model.feedForward(block).biases(feedForwardBiased).add();
    }
    return model.build(false);
  }
}
