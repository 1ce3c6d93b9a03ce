package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.describe.Decoder;
import io.tritmill.kernels.model.describe.StoredTensors;
import java.util.Set;
import java.util.function.IntPredicate;

/** Qwen3-Next: delta-nets, gated attention in every fourth block, and experts. */
final class Qwen3Next implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(151_936, 2048, 5632, 48, 16, 2, 256, 1e-6, 32_768, -1);

  @Override
  public String modelType() {
    return "qwen3_next";
  }

  @Override
  public Set<String> reads() {
    return Set.of("partial_rotary_factor", "num_experts", "num_local_experts");
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes sizes = Sizes.read(values, DEFAULTS);
    IntPredicate dense = Qwen3Moe.dense(values);
    Decoder model = new Decoder(modelType(), values, sizes, stored);
    QwenHybrid hybrid = new QwenHybrid(values, sizes, model).oneTensor();
    for (int block = 0; block < sizes.blocks(); block++) {
      hybrid.mix(block);
      if (dense.test(block)) {
        model.feedForward(block).add();
      } else {
        hybrid.experts(block, 512, 10).add();
      }
    }
    return model.build(false);
  }
}
