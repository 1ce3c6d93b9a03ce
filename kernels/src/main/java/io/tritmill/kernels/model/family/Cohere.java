package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.LayerKinds;
import io.tritmill.kernels.model.config.OtherFunctions;
import io.tritmill.kernels.model.config.RopeConfig;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.describe.AttentionDescription;
import io.tritmill.kernels.model.describe.Decoder;
import io.tritmill.kernels.model.describe.StoredTensors;
import java.util.Set;

/**
 * Command R: attention and feed-forward side by side behind one LayerNorm; in the newer models
 * layers with windows alone have positions.
 *
 * @param newer whether these are the models with windows
 */
record Cohere(boolean newer) implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(256_000, 8192, 22_528, 40, 64, 0, 0, 0, 8192, 5);

  @Override
  public String modelType() {
    return newer ? "cohere2" : "cohere";
  }

  @Override
  public Set<String> reads() {
    return newer ? Set.of("logit_scale") : Set.of("logit_scale", "use_qk_norm");
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes sizes = Sizes.read(values, DEFAULTS);
    OtherFunctions.requireSilu(values);
    boolean biased = values.flag("attention_bias", false);
    boolean normed = !newer && values.flag("use_qk_norm", false);
    int window = newer ? values.integer("sliding_window", 4096, 0) : 0;
    boolean[] windows = windows(values, sizes.blocks());
    Rope rope = new RopeConfig(values, sizes).theta(newer ? 10_000 : 500_000).interleaved().read();
    Decoder model =
        new Decoder(modelType(), values, sizes, stored)
            .layerNorms(values.decimal("layer_norm_eps", 1e-5))
            .logits(values.decimal("logit_scale", 0.0625), 0);
    for (int block = 0; block < sizes.blocks(); block++) {
      boolean near = windows[block] && window > 0;
      AttentionDescription attention =
          model
              .attention(block)
              .rope(near || !newer ? rope : null)
              .window(near ? window : 0)
              .biases(biased, biased);
      if (normed) {
        attention.ownHeadNorms();
      }
      attention.addBeside(model.feedForward(block));
    }
    return model.build(true);
  }

  private boolean[] windows(ConfigValues values, int blocks) {
    return newer
        ? LayerKinds.windows(
            values, blocks, LayerKinds.allButEvery(values.integer("sliding_window_pattern", 4)))
        : new boolean[blocks];
  }
}
