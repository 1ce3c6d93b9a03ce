package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.OtherFunctions;
import io.tritmill.kernels.model.config.RopeConfig;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.config.UnsupportedConfigException;
import io.tritmill.kernels.model.describe.Decoder;
import io.tritmill.kernels.model.describe.FeedForwardNames;
import io.tritmill.kernels.model.describe.StoredTensors;
import java.util.function.IntPredicate;

/** Ernie 4.5 with experts: choices are corrected, and some experts are met by all tokens. */
final class Ernie45Moe implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(103_424, 2560, 12_288, 28, 20, 4, 0, 1e-5, 131_072, 1);

  @Override
  public String modelType() {
    return "ernie4_5_moe";
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes sizes = Sizes.read(values, DEFAULTS);
    OtherFunctions.requireSilu(values);
    if (values.flag("use_bias", false)) {
      throw new UnsupportedConfigException("use_bias is true, expected a head without a bias");
    }
    int experts = values.integer("moe_num_experts", 64);
    int chosen = values.integer("moe_k", 6);
    int width = values.integer("moe_intermediate_size", 1536);
    int shared = values.integer("moe_num_shared_experts", 2);
    double epsilon = values.decimal("moe_norm_min", 1e-12);
    IntPredicate sparse = sparse(values, sizes.blocks());
    Rope rope = new RopeConfig(values, sizes).theta(500_000).interleaved().read();
    Decoder model = new Decoder(modelType(), values, sizes, stored);
    for (int block = 0; block < sizes.blocks(); block++) {
      model.attention(block).rope(rope).add();
      if (sparse.test(block)) {
        model
            .experts(block)
            .sizes(experts, chosen, width)
            .correction("mlp.moe_statics.e_score_correction_bias", 1, experts)
            .normalized(true, epsilon)
            .shared(FeedForwardNames.under("mlp.shared_experts"), (long) shared * width, null)
            .add();
      } else {
        model.feedForward(block).add();
      }
    }
    return model.build(true);
  }

  /** Which blocks have experts. */
  private static IntPredicate sparse(ConfigValues values, int blocks) {
    int interval = values.integer("moe_layer_interval", 1);
    int first = values.integer("moe_layer_start_index", 1);
    int end = values.integer("moe_layer_end_index", -1);
    int last = end == -1 ? blocks - 1 : end;
    return block -> (block + 1) % interval == 0 && block >= first && block <= last;
  }
}
