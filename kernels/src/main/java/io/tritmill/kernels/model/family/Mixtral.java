package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.OtherFunctions;
import io.tritmill.kernels.model.config.RopeConfig;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.describe.Decoder;
import io.tritmill.kernels.model.describe.FeedForwardNames;
import io.tritmill.kernels.model.describe.StoredTensors;
import java.util.Set;

/** Mixtral (arXiv:2401.04088): Mistral with experts. */
public final class Mixtral implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(32_000, 4096, 14_336, 32, 32, 8, 0, 1e-5, 131_072, 1);

  @Override
  public String modelType() {
    return "mixtral";
  }

  @Override
  public Set<String> reads() {
    return Set.of("num_local_experts");
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes sizes = Sizes.read(values, DEFAULTS);
    OtherFunctions.requireSilu(values);
    int window = values.integer("sliding_window", 0, 0);
    int experts = values.integer("num_local_experts", 8);
    int chosen = values.integer("num_experts_per_tok", 2);
    Rope rope = new RopeConfig(values, sizes).theta(1_000_000).read();
    Decoder model = new Decoder(modelType(), values, sizes, stored);
    for (int block = 0; block < sizes.blocks(); block++) {
      model.attention(block).rope(rope).window(window).add();
      model
          .experts(block)
          .names(FeedForwardNames::ofMixtral)
          .sizes(experts, chosen, sizes.intermediate())
          .router("block_sparse_moe.gate.weight")
          .normalized(true, 0)
          .add();
    }
    return model.build(false);
  }
}
