package io.tritmill.kernels.model.describe;

import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.OtherFunctions;
import io.tritmill.kernels.model.config.UnsupportedConfigException;

/**
 * The mixture of DeepSeek-V3 (arXiv:2412.19437), which others have too: logistic scores, corrected
 * for the choice, of the best groups; an expert for all tokens; the first blocks dense.
 *
 * @param dense blocks without experts, the first ones
 * @param experts of a block
 * @param chosen experts of a token
 * @param width inputs of an expert's down
 * @param shared experts that all tokens meet, as one of so many times the width
 * @param groups runs that experts are cut into
 * @param keptGroups runs that may be chosen from
 * @param normalized whether weights are divided by their sum
 * @param scale of the weights
 */
public record SigmoidExperts(
    int dense,
    int experts,
    int chosen,
    int width,
    int shared,
    int groups,
    int keptGroups,
    boolean normalized,
    double scale) {
  private static final double EPSILON = 1e-20;

  /** What counts where config.json does not say. */
  public record Defaults(
      int experts, int chosen, int width, int dense, int groups, int keptGroups, double scale) {}

  /**
   * Reads it.
   *
   * @throws UnsupportedConfigException if experts are scored or chosen in another way
   */
  public static SigmoidExperts read(ConfigValues values, Defaults otherwise) {
    OtherFunctions.requireValue(values, "scoring_func", "sigmoid");
    OtherFunctions.requireValue(values, "topk_method", "noaux_tc");
    OtherFunctions.requireValue(values, "moe_layer_freq", 1);
    return new SigmoidExperts(
        values.integer("first_k_dense_replace", otherwise.dense()),
        values.integer(
            "n_routed_experts", values.integer("num_local_experts", otherwise.experts())),
        values.integer("num_experts_per_tok", otherwise.chosen()),
        values.integer("moe_intermediate_size", otherwise.width()),
        values.integer("n_shared_experts", 1, 0),
        values.integer("n_group", otherwise.groups(), 1),
        values.integer("topk_group", otherwise.keptGroups(), 1),
        values.flag("norm_topk_prob", true),
        values.decimal("routed_scaling_factor", otherwise.scale()));
  }

  /** Describes the feed-forward of a block. */
  public void add(Decoder model, int block) {
    if (block < dense) {
      model.feedForward(block).add();
      return;
    }
    addMixture(model, block);
  }

  /** Describes the experts of a block. */
  public void addMixture(Decoder model, int block) {
    model
        .experts(block)
        .sizes(experts, chosen, width)
        .sigmoid()
        .correction("mlp.gate.e_score_correction_bias", experts)
        .groups(groups, keptGroups)
        .normalized(normalized, EPSILON)
        .scale(scale)
        .shared(FeedForwardNames.under("mlp.shared_experts"), (long) shared * width, null)
        .add();
  }
}
