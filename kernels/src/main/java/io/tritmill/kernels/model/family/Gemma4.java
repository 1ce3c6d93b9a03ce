package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Activation;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Experts;
import io.tritmill.kernels.model.FeedForward;
import io.tritmill.kernels.model.Norm;
import io.tritmill.kernels.model.Parallel;
import io.tritmill.kernels.model.Rope;
import io.tritmill.kernels.model.config.Activations;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.LayerKinds;
import io.tritmill.kernels.model.config.RopeConfig;
import io.tritmill.kernels.model.config.Sizes;
import io.tritmill.kernels.model.config.UnsupportedConfigException;
import io.tritmill.kernels.model.describe.Decoder;
import io.tritmill.kernels.model.describe.StoredTensors;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gemma 4: Gemma 3 with plain gains, other heads in full layers whose values may be their keys, and
 * experts beside the feed-forward.
 */
final class Gemma4 implements ModelFamily {
  private static final Sizes.Defaults DEFAULTS =
      new Sizes.Defaults(262_144, 2304, 9216, 30, 8, 4, 256, 1e-6, 131_072, 2);

  private static final ConfigValues NEAR = new ConfigValues(Map.of("rope_theta", 10_000));
  private static final ConfigValues FULL =
      new ConfigValues(
          Map.of(
              "rope_type", "proportional", "rope_theta", 1_000_000, "partial_rotary_factor", 0.25));

  @Override
  public String modelType() {
    return "gemma4_text";
  }

  @Override
  public Set<String> reads() {
    return Set.of("final_logit_softcapping", "hidden_activation", "num_experts");
  }

  @Override
  public Architecture describe(ConfigValues values, StoredTensors stored) {
    refuse(values);
    Sizes sizes = Sizes.read(values, DEFAULTS);
    boolean biased = values.flag("attention_bias", false);
    boolean shared = values.flag("attention_k_eq_v", false);
    int window = values.integer("sliding_window", 512);
    boolean[] windows = LayerKinds.windows(values, sizes.blocks(), LayerKinds.allButEvery(6));
    windows[sizes.blocks() - 1] = false;
    Activation activation = Activations.read(values, "hidden_activation", "gelu_pytorch_tanh");
    Decoder model =
        new Decoder(modelType(), values.without(GemmaHeads.KEY), sizes, stored)
            .embeddingScale(Math.sqrt(sizes.hidden()))
            .logits(1, Gemma.number(values, "final_logit_softcapping", 0));
    for (int block = 0; block < sizes.blocks(); block++) {
      boolean near = windows[block];
      Sizes heads = GemmaHeads.of(values, sizes, block, near);
      model
          .attention(block)
          .sizes(heads)
          .scale(1)
          .rope(rope(values, heads, near))
          .window(near ? window : 0)
          .biases(biased, biased)
          .headNorms()
          .valueNorm()
          .keysAsValues(shared && !near)
          .norms("input_layernorm", "post_attention_layernorm")
          .add();
      feedForward(model, block, values, activation);
      model.scaleStream(block, "layer_scalar");
    }
    return model.build(true);
  }

  /** What is computed from tokens, or by other blocks, beside the stream. */
  private static void refuse(ConfigValues values) {
    for (String key : List.of("hidden_size_per_layer_input", "num_kv_shared_layers")) {
      int absent = key.startsWith("hidden") ? 256 : 0;
      int found = values.integer(key, absent, 0);
      if (found != 0) {
        throw new UnsupportedConfigException(
            "%s is %d, expected 0: blocks that read more than the residual stream", key, found);
      }
    }
    values
        .text("use_bidirectional_attention")
        .filter("all"::equals)
        .ifPresent(
            all -> {
              throw new UnsupportedConfigException(
                  "use_bidirectional_attention is all, expected null or vision");
            });
  }

  private static Rope rope(ConfigValues values, Sizes heads, boolean near) {
    RopeConfig positions = new RopeConfig(values, heads);
    return positions.read(
        positions.nested(near ? LayerKinds.WINDOW : LayerKinds.FULL).orElse(near ? NEAR : FULL));
  }

  private static void feedForward(
      Decoder model, int block, ConfigValues values, Activation activation) {
    if (!values.flag("enable_moe_block", false)) {
      model
          .feedForward(block)
          .activation(activation)
          .norms("pre_feedforward_layernorm", "post_feedforward_layernorm")
          .add();
      return;
    }
    // The feed-forward first: it is passed on the way to the experts' sites, not they on its own.
    Norm before = model.feedForwardNorm(block, "pre_feedforward_layernorm");
    FeedForward one = model.feedForward(block).activation(activation).part().build();
    Norm behindOne = norm(model, block, "post_feedforward_layernorm_1", "post_ffw_norm_1");
    Experts experts = experts(model, block, values, activation);
    Norm behindExperts = norm(model, block, "post_feedforward_layernorm_2", "post_ffw_norm_2");
    model.add(
        block,
        null,
        new Parallel(
            List.of(
                new Parallel.Branch(before, one, behindOne, null),
                new Parallel.Branch(null, experts, behindExperts, null))),
        model.feedForwardPostNorm(block, "post_feedforward_layernorm"),
        1);
  }

  private static Norm norm(Decoder model, int block, String name, String gguf) {
    return model.norm(block, name, "branch_post_norm", gguf, model.sizes().hidden());
  }

  private static Experts experts(
      Decoder model, int block, ConfigValues values, Activation activation) {
    return model
        .experts(block)
        .sizes(
            (int) values.decimal("num_experts"),
            (int) values.decimal("top_k_experts"),
            (int) values.decimal("moe_intermediate_size"))
        .activation(activation)
        .stacked("experts.gate_up_proj", "experts.down_proj")
        .router("router.proj.weight")
        .routerNorm("router.scale", 1 / Math.sqrt(model.sizes().hidden()))
        .expertScales("router.per_expert_scale")
        .norm("pre_feedforward_layernorm_2")
        .normalized(true, 0)
        .mixture();
  }
}
