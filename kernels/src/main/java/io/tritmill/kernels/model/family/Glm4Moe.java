package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.OtherFunctions;
import io.tritmill.kernels.model.config.RopeConfig;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.describe.AttentionDescription;
import io.tritmill.kernels.model.describe.Decoder;
import io.tritmill.kernels.model.describe.SigmoidExperts;
import io.tritmill.kernels.model.describe.StoredTensors;
import java.util.Set;

/** GLM-4.5: experts chosen by corrected logistic scores, one met by all tokens. */
final class Glm4Moe implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(151_552, 4096, 10_944, 46, 96, 8, 128, 1e-5, 131_072, -1);

  @Override
  public String modelType() {
    return "glm4_moe";
  }

  @Override
  public Set<String> reads() {
    return Set.of("partial_rotary_factor", "use_qk_norm");
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes sizes = Sizes.read(values, DEFAULTS);
    OtherFunctions.requireSilu(values);
    boolean biased = values.flag("attention_bias", false);
    boolean headNorms = values.flag("use_qk_norm", false);
    SigmoidExperts experts =
        SigmoidExperts.read(values, new SigmoidExperts.Defaults(128, 8, 1408, 1, 1, 1, 1));
    Rope rope = new RopeConfig(values, sizes).fraction(0.5).read();
    Decoder model = new Decoder(modelType(), values, sizes, stored);
    for (int block = 0; block < sizes.blocks(); block++) {
      AttentionDescription attention = model.attention(block).rope(rope).biases(biased, false);
      (headNorms ? attention.headNorms() : attention).add();
      experts.add(model, block);
    }
    return model.build(false);
  }
}
