package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.LatentSizes;
import io.tritmill.kernels.model.config.OtherFunctions;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.describe.Decoder;
import io.tritmill.kernels.model.describe.LatentAttentionDescription;
import io.tritmill.kernels.model.describe.SigmoidExperts;
import io.tritmill.kernels.model.describe.StoredTensors;

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
    OtherFunctions.requireSilu(values);
    LatentAttentionDescription attention =
        LatentAttentionDescription.read(values, DEFAULTS, LATENT);
    SigmoidExperts experts = SigmoidExperts.read(values, EXPERTS);
    Decoder model = new Decoder(modelType, values, attention.sizes(), stored);
    for (int block = 0; block < attention.sizes().blocks(); block++) {
      attention.add(model, block);
      experts.add(model, block);
    }
    return model.build(false);
  }
}
