package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.LatentSizes;
import io.tritmill.kernels.model.config.LayerKinds;
import io.tritmill.kernels.model.config.OtherFunctions;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.describe.Decoder;
import io.tritmill.kernels.model.describe.LatentAttentionDescription;
import io.tritmill.kernels.model.describe.SigmoidExperts;
import io.tritmill.kernels.model.describe.StoredTensors;

/** GLM-4.7-Flash: DeepSeek-V3 with a list of the blocks that have experts. */
final class Glm4MoeLite implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(154_880, 2048, 10_240, 47, 20, 0, 64, 1e-5, 202_752, 0);
  private static final LatentSizes LATENT = new LatentSizes(192, 64, 256, 512, 768);
  private static final SigmoidExperts.Defaults EXPERTS =
      new SigmoidExperts.Defaults(64, 4, 1536, 1, 1, 1, 1.8);

  @Override
  public String modelType() {
    return "glm4_moe_lite";
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    OtherFunctions.requireSilu(values);
    LatentAttentionDescription attention =
        LatentAttentionDescription.read(values, DEFAULTS, LATENT);
    SigmoidExperts experts = SigmoidExperts.read(values, EXPERTS);
    Sizes sizes = attention.sizes();
    Decoder model = new Decoder(modelType(), values, sizes, stored);
    boolean[] dense = LayerKinds.dense(values, sizes.blocks());
    for (int block = 0; block < sizes.blocks(); block++) {
      attention.add(model, block);
      if (dense[block]) {
        model.feedForward(block).add();
      } else {
        experts.addMixture(model, block);
      }
    }
    return model.build(false);
  }
}
