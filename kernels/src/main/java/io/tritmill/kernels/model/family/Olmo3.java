package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.LayerKinds;
import io.tritmill.kernels.model.config.OtherFunctions;
import io.tritmill.kernels.model.config.RopeConfig;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.describe.Decoder;
import io.tritmill.kernels.model.describe.StoredTensors;

/** OLMo 3: OLMo 2 with windows in three of four layers, which have plain positions. */
final class Olmo3 implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(50_304, 4096, 11_008, 32, 32, 0, 0, 1e-5, 2048, -1);

  private static final double WINDOW_THETA = 500_000;

  @Override
  public String modelType() {
    return "olmo3";
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes sizes = Sizes.read(values, DEFAULTS);
    OtherFunctions.requireSilu(values);
    boolean biased = values.flag("attention_bias", false);
    int window = values.integer("sliding_window", 4096, 0);
    boolean[] windows = LayerKinds.windows(values, sizes.blocks(), LayerKinds.allButEvery(4));
    RopeConfig positions = new RopeConfig(values, sizes).theta(WINDOW_THETA);
    Rope full = positions.read(LayerKinds.FULL);
    // Without parameters by kind transformers takes this base, whatever rope_theta says.
    Rope near =
        positions
            .nested(LayerKinds.WINDOW)
            .map(positions::read)
            .orElseGet(() -> positions.plain(WINDOW_THETA));
    Decoder model = new Decoder(modelType(), values, sizes, stored);
    for (int block = 0; block < sizes.blocks(); block++) {
      model
          .attention(block)
          .rope(windows[block] ? near : full)
          .window(windows[block] ? window : 0)
          .biases(biased, biased)
          .wideNorms()
          .norms(null, "post_attention_layernorm")
          .add();
      model.feedForward(block).norms(null, "post_feedforward_layernorm").add();
    }
    return model.build(false);
  }
}
