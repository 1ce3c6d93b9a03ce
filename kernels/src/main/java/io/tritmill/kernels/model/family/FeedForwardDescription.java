package io.tritmill.kernels.model.family;

import io.tritmill.kernels.model.Activation;
import io.tritmill.kernels.model.Basis;
import io.tritmill.kernels.model.FeedForward;
import io.tritmill.kernels.model.LossMetric;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Norm;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.config.Sizes;

/** The feed-forward of one block while it is described; what is not said is as in Llama. */
final class FeedForwardDescription {
  private final Decoder model;
  private final int block;
  private final Sizes sizes;
  private Activation activation = Activation.SILU;
  private boolean biased;
  private boolean gated = true;
  private boolean fused;
  private String before = "post_attention_layernorm";
  private String after;
  private double multiplier = 1;

  FeedForwardDescription(Decoder model, int block) {
    this.model = model;
    this.block = block;
    sizes = model.sizes();
  }

  /** What gates go through. */
  FeedForwardDescription activation(Activation value) {
    activation = value;
    return this;
  }

  /** Whether its modules have biases. */
  FeedForwardDescription biases(boolean value) {
    biased = value;
    return this;
  }

  /** There is no gate. */
  FeedForwardDescription ungated() {
    gated = false;
    return this;
  }

  /** Gate and up are rows of one tensor. */
  FeedForwardDescription fused() {
    fused = true;
    return this;
  }

  /** Names of the norms before and behind; null for none. */
  FeedForwardDescription norms(String nameBefore, String nameAfter) {
    before = nameBefore;
    after = nameAfter;
    return this;
  }

  /** What the result is multiplied by when it is added to the stream. */
  FeedForwardDescription multiplier(double value) {
    multiplier = value;
    return this;
  }

  /** Ends it. */
  void add() {
    int hidden = sizes.hidden();
    Norm normBefore =
        before == null ? null : model.norm(block, before, "feed_forward_norm", "ffn_norm", hidden);
    Norm normAfter =
        after == null
            ? null
            : model.norm(block, after, "feed_forward_post_norm", "post_ffw_norm", hidden);
    Site in = model.site(block, "feed_forward", hidden);
    Site out = model.site(block, "down", sizes.intermediate());
    Module gate = gated ? input(in, "gate", "ffn_gate", 0, LossMetric.GATE) : null;
    Module up = input(in, "up", "ffn_up", 1, LossMetric.UP);
    Module down =
        model.module(
            "mlp.down_proj",
            "down",
            "ffn_down",
            hidden,
            biased,
            out,
            Basis.INNER,
            Basis.STREAM,
            after == null ? LossMetric.STREAM : LossMetric.UNKNOWN);
    model.add(
        block, normBefore, new FeedForward(activation, gate, up, down), normAfter, multiplier);
  }

  private Module input(Site site, String name, String gguf, int index, LossMetric metric) {
    int width = sizes.intermediate();
    if (fused) {
      return model.rowsOf(
          "mlp.gate_up_proj",
          "gate_up",
          "ffn_up",
          2 * width,
          index * width,
          width,
          biased,
          site,
          Basis.STREAM,
          Basis.FIXED,
          LossMetric.UNKNOWN);
    }
    boolean known = gated && activation == Activation.SILU && after == null && multiplier == 1;
    return model.module(
        "mlp." + name + "_proj",
        name,
        gguf,
        width,
        biased,
        site,
        Basis.STREAM,
        Basis.FIXED,
        known ? metric : LossMetric.UNKNOWN);
  }
}
