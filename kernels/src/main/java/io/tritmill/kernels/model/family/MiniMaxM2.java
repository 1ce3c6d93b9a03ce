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

/** MiniMax-M2: experts chosen by corrected logistic scores, norms of all queries and keys. */
final class MiniMaxM2 implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(200_064, 3072, 1536, 62, 48, 8, 128, 1e-6, 196_608, -1);

  @Override
  public String modelType() {
    return "minimax_m2";
  }

  @Override
  public Set<String> reads() {
    return Set.of("num_local_experts", "partial_rotary_factor", "use_qk_norm");
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes sizes = Sizes.read(values, DEFAULTS);
    OtherFunctions.requireSilu(values);
    int experts = values.integer("num_local_experts", 256);
    int chosen = values.integer("num_experts_per_tok", 8);
    double share = values.integer("rotary_dim", sizes.headSize() / 2) / (double) sizes.headSize();
    Rope rope = new RopeConfig(values, sizes).theta(5_000_000).fraction(share).read();
    Decoder model = new Decoder(modelType(), values, sizes, stored);
    for (int block = 0; block < sizes.blocks(); block++) {
      model.attention(block).rope(rope).wideNorms().add();
      model
          .experts(block)
          .names(FeedForwardNames::ofMixtral)
          .sizes(experts, chosen, sizes.intermediate())
          .router("block_sparse_moe.gate.weight")
          .sigmoid()
          .correction("block_sparse_moe.e_score_correction_bias", experts)
          .normalized(true, 0)
          .add();
    }
    return model.build(false);
  }
}
