package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.OtherFunctions;
import io.tritmill.kernels.model.config.RopeConfig;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.describe.Decoder;
import io.tritmill.kernels.model.describe.StoredTensors;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;

/** Qwen3 with experts, in all layers or some. */
final class Qwen3Moe implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(151_936, 2048, 6144, 24, 32, 4, 0, 1e-6, 32_768, -1);

  @Override
  public String modelType() {
    return "qwen3_moe";
  }

  @Override
  public Set<String> reads() {
    return Set.of("num_experts", "num_local_experts");
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes sizes = Sizes.read(values, DEFAULTS);
    OtherFunctions.requireSilu(values);
    int window = QwenWindows.size(values);
    boolean biased = values.flag("attention_bias", false);
    boolean normalized = values.flag("norm_topk_prob", false);
    int experts = values.integer("num_local_experts", values.integer("num_experts", 128));
    int chosen = values.integer("num_experts_per_tok", 8);
    int width = values.integer("moe_intermediate_size", 768);
    IntPredicate dense = dense(values);
    Rope rope = RopeConfig.read(values, sizes);
    Decoder model = new Decoder(modelType(), values, sizes, stored);
    for (int block = 0; block < sizes.blocks(); block++) {
      model.attention(block).rope(rope).window(window).biases(biased, biased).headNorms().add();
      if (dense.test(block)) {
        model.feedForward(block).add();
      } else {
        model.experts(block).sizes(experts, chosen, width).normalized(normalized, 0).add();
      }
    }
    return model.build(false);
  }

  /** Which blocks have no experts. */
  static IntPredicate dense(ConfigValues values) {
    List<Integer> listed = values.integers("mlp_only_layers").orElse(List.of());
    int step = values.integer("decoder_sparse_step", 1);
    return block -> listed.contains(block) || (block + 1) % step != 0;
  }
}
