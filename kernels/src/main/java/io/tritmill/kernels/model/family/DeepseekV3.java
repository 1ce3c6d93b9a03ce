package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.LatentSizes;
import io.tritmill.kernels.model.config.OtherFunctions;
import io.tritmill.kernels.model.config.RopeConfig;
import io.tritmill.kernels.model.config.Sizes;

/**
 * DeepSeek-V3, and Kimi K2, which is the same under another name: latent keys and values, experts
 * chosen by groups.
 */
record DeepseekV3(String modelType) implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(129_280, 7168, 18_432, 61, 128, 0, 64, 1e-6, 4096, 0);
  private static final LatentSizes LATENT = new LatentSizes(128, 64, 128, 512, 1536);
  private static final SigmoidExperts.Defaults EXPERTS =
      new SigmoidExperts.Defaults(256, 8, 2048, 3, 8, 4, 2.5);

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes read = Sizes.read(values, DEFAULTS);
    LatentSizes latent = LatentSizes.read(values, read.heads(), LATENT);
    Sizes sizes = read.withHeadSize(latent.rotated());
    OtherFunctions.requireSilu(values);
    OtherFunctions.requireValue(values, "num_key_value_heads", sizes.heads());
    OtherFunctions.requireValue(values, "scoring_func", "sigmoid");
    OtherFunctions.requireValue(values, "topk_method", "noaux_tc");
    OtherFunctions.requireValue(values, "moe_layer_freq", 1);
    boolean biased = values.flag("attention_bias", false);
    SigmoidExperts experts = SigmoidExperts.read(values, EXPERTS);
    RopeConfig positions = new RopeConfig(values, sizes);
    if (values.flag("rope_interleave", true)) {
      positions.interleaved();
    }
    Decoder model = new Decoder(modelType, values, sizes, stored);
    for (int block = 0; block < sizes.blocks(); block++) {
      model
          .latentAttention(block, latent)
          .rope(positions.read(), positions.scoreFactor())
          .biases(biased)
          .add();
      experts.add(model, block);
    }
    return model.build(false);
  }
}
