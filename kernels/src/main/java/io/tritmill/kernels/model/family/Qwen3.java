package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.OtherFunctions;
import io.tritmill.kernels.model.config.RopeConfig;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.describe.Decoder;
import io.tritmill.kernels.model.describe.StoredTensors;

/** Qwen3: Llama with a norm of each head of queries and keys. */
final class Qwen3 implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(151_936, 4096, 22_016, 32, 32, 32, 128, 1e-6, 32_768, -1);

  @Override
  public String modelType() {
    return "qwen3";
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes sizes = Sizes.read(values, DEFAULTS);
    OtherFunctions.requireSilu(values);
    int window = QwenWindows.size(values);
    boolean[] windows = QwenWindows.read(values, sizes, window);
    boolean biased = values.flag("attention_bias", false);
    Rope rope = RopeConfig.read(values, sizes);
    Decoder model = new Decoder(modelType(), values, sizes, stored);
    for (int block = 0; block < sizes.blocks(); block++) {
      model
          .attention(block)
          .rope(rope)
          .window(windows[block] ? window : 0)
          .biases(biased, biased)
          .headNorms()
          .add();
      model.feedForward(block).add();
    }
    return model.build(false);
  }
}
