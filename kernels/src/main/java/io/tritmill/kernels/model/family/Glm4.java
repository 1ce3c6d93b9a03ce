package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.OtherFunctions;
import io.tritmill.kernels.model.config.RopeConfig;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.describe.Decoder;
import io.tritmill.kernels.model.describe.StoredTensors;
import java.util.Set;

/** GLM-4: norms on both sides of the sublayers, neighbouring pairs of half of each head turned. */
final class Glm4 implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(151_552, 4096, 13_696, 40, 32, 2, 128, 0.00000015625, 131_072, -1);

  @Override
  public String modelType() {
    return "glm4";
  }

  @Override
  public Set<String> reads() {
    return Set.of("partial_rotary_factor");
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes sizes = Sizes.read(values, DEFAULTS);
    OtherFunctions.requireSilu(values);
    boolean biased = values.flag("attention_bias", true);
    Rope rope = new RopeConfig(values, sizes).fraction(0.5).interleaved().read();
    Decoder model = new Decoder(modelType(), values, sizes, stored);
    for (int block = 0; block < sizes.blocks(); block++) {
      model
          .attention(block)
          .rope(rope)
          .biases(biased, false)
          .norms("input_layernorm", "post_self_attn_layernorm")
          .add();
      model
          .feedForward(block)
          .fused()
          .norms("post_attention_layernorm", "post_mlp_layernorm")
          .add();
    }
    return model.build(false);
  }
}
