package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.describe.Decoder;
import io.tritmill.kernels.model.describe.StoredTensors;
import java.util.Set;

/** Qwen3.5 with experts: delta-nets, and gated attention in every fourth block. */
final class Qwen35Moe implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(248_320, 2048, 512, 40, 16, 2, 256, 1e-6, 32_768, -1);

  @Override
  public String modelType() {
    return "qwen3_5_moe_text";
  }

  @Override
  public Set<String> reads() {
    return Set.of("partial_rotary_factor", "num_experts", "num_local_experts");
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes sizes = Sizes.read(values, DEFAULTS);
    Decoder model = new Decoder(modelType(), values, sizes, stored);
    QwenHybrid hybrid = new QwenHybrid(values, sizes, model);
    for (int block = 0; block < sizes.blocks(); block++) {
      hybrid.mix(block);
      hybrid.experts(block, 256, 8).normalized(true, 0).add();
    }
    return model.build(false);
  }
}
