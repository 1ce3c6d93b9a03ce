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

/**
 * Granite: Llama with multipliers of embedding, scores, residuals and logits.
 *
 * @param mixture whether there are experts, which lie in two tensors a block
 */
record Granite(boolean mixture) implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(32_000, 4096, 11_008, 32, 32, 0, 0, 1e-6, 2048, 1);

  private static final Set<String> READS =
      Set.of(
          "attention_multiplier", "embedding_multiplier", "logits_scaling", "residual_multiplier");
  private static final Set<String> READS_OF_MIXTURE =
      Set.of(
          "attention_multiplier",
          "embedding_multiplier",
          "logits_scaling",
          "num_local_experts",
          "residual_multiplier");

  @Override
  public String modelType() {
    return mixture ? "granitemoe" : "granite";
  }

  @Override
  public Set<String> reads() {
    return mixture ? READS_OF_MIXTURE : READS;
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    Sizes sizes = Sizes.read(values, DEFAULTS);
    OtherFunctions.requireSilu(values);
    boolean biased = values.flag("attention_bias", false);
    double residual = values.decimal("residual_multiplier", 1);
    double scale = values.decimal("attention_multiplier", 1);
    Rope rope = RopeConfig.read(values, sizes);
    Decoder model =
        new Decoder(modelType(), values, sizes, stored)
            .embeddingScale(values.decimal("embedding_multiplier", 1))
            .logits(1 / values.decimal("logits_scaling", 1), 0);
    for (int block = 0; block < sizes.blocks(); block++) {
      model
          .attention(block)
          .rope(rope)
          .scale(scale)
          .biases(biased, biased)
          .multiplier(residual)
          .add();
      addFeedForward(model, block, values, residual);
    }
    return model.build(false);
  }

  private void addFeedForward(Decoder model, int block, ConfigValues values, double residual) {
    if (!mixture) {
      boolean biased = values.flag("mlp_bias", false);
      model.feedForward(block).biases(biased).multiplier(residual).add();
      return;
    }
    int experts = values.integer("num_local_experts", 8);
    int chosen = values.integer("num_experts_per_tok", 2);
    model
        .experts(block)
        .stacked("block_sparse_moe.input_linear.weight", "block_sparse_moe.output_linear.weight")
        .sizes(experts, chosen, model.sizes().intermediate())
        .router("block_sparse_moe.router.layer.weight")
        .normalized(true, 0)
        .multiplier(residual)
        .add();
  }
}
