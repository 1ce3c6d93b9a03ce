package io.tritmill.kernels.model.describe;

import io.tritmill.kernels.model.Activation;
import io.tritmill.kernels.model.Basis;
import io.tritmill.kernels.model.FeedForward;
import io.tritmill.kernels.model.LossMetric;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Norm;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.TensorSpec;
import java.util.List;

/** A feed-forward of one block while it is described; what is not said is as in Llama. */
public final class FeedForwardDescription {
  private final Decoder model;
  private final int block;
  private FeedForwardNames names = FeedForwardNames.under("mlp");
  private int width;
  private Activation activation = Activation.SILU;
  private boolean biased;
  private float limit;
  private boolean gated = true;
  private boolean interleaved;
  private TensorSpec inputBiases;
  private TensorSpec downBiases;
  private String innerNorm;
  private String before = "post_attention_layernorm";
  private String after;
  private double multiplier = 1;
  private boolean alone = true;
  private boolean direct = true;

  FeedForwardDescription(Decoder model, int block) {
    this.model = model;
    this.block = block;
    width = model.sizes().intermediate();
  }

  /** What its tensors are called. */
  FeedForwardDescription names(FeedForwardNames value) {
    names = value;
    return this;
  }

  /** Inputs of down. */
  FeedForwardDescription width(int value) {
    width = value;
    return this;
  }

  /** What gates go through. */
  public FeedForwardDescription activation(Activation value) {
    activation = value;
    return this;
  }

  /** Where what goes into the activation ends. */
  FeedForwardDescription limit(float value) {
    limit = value;
    return this;
  }

  /** Whether its modules have biases. */
  public FeedForwardDescription biases(boolean value) {
    biased = value;
    return this;
  }

  /** There is no gate. */
  public FeedForwardDescription ungated() {
    gated = false;
    return this;
  }

  /** The name of a norm of what down reads. */
  public FeedForwardDescription innerNorm(String name) {
    innerNorm = name;
    return this;
  }

  /** Gate and up are rows of one tensor. */
  public FeedForwardDescription fused() {
    return names(new FeedForwardNames("mlp.gate_up_proj.weight", null, names.down()));
  }

  /** Rows of gate and of up take turns in their tensor. */
  FeedForwardDescription interleaved(boolean value) {
    interleaved = value;
    return this;
  }

  /** Biases of all experts, (experts, rows) each; null for none. */
  FeedForwardDescription expertBiases(TensorSpec inputs, TensorSpec down) {
    inputBiases = inputs;
    downBiases = down;
    return this;
  }

  /** Names of the norms before and behind; null for none. */
  public FeedForwardDescription norms(String nameBefore, String nameAfter) {
    before = nameBefore;
    after = nameAfter;
    return this;
  }

  /** What the result is multiplied by when it is added to the stream. */
  public FeedForwardDescription multiplier(double value) {
    multiplier = value;
    return this;
  }

  /** It is a part of a sublayer: others make the rest of what is added to the stream. */
  public FeedForwardDescription part() {
    direct = false;
    return beside();
  }

  /** Other operators of the sublayer read the same, and what each makes is added as it is. */
  FeedForwardDescription beside() {
    alone = false;
    return this;
  }

  /** Ends it, as a sublayer. */
  public void add() {
    Norm normBefore = model.feedForwardNorm(block, before);
    Norm normAfter = model.feedForwardPostNorm(block, after);
    model.add(block, normBefore, build(), normAfter, multiplier);
  }

  /** Ends it, as the feed-forward of its block. */
  public FeedForward build() {
    Site in = model.site(block, "feed_forward", model.sizes().hidden());
    Site out = model.site(block, "down", width);
    return build(in, out);
  }

  /** Ends it, as a part of a sublayer that is described now. */
  FeedForward build(Site in, Site out) {
    int hidden = model.sizes().hidden();
    Module gate = gated ? input(in, "gate", "ffn_gate", 0, LossMetric.GATE) : null;
    Module up = input(in, "up", "ffn_up", 1, LossMetric.UP);
    Module down =
        new Module(
            model.matrix(block, names.down(), "down", "ffn_down", hidden, width),
            0,
            hidden,
            downBiases == null ? bias(names.down(), hidden) : downBiases,
            out,
            Basis.INNER,
            Basis.STREAM,
            direct && after == null ? LossMetric.STREAM : LossMetric.UNKNOWN);
    return new FeedForward(activation, limit, parameters(), gate, up, inner(), down);
  }

  /** Published checkpoints have two of the numbers as vectors. */
  private List<TensorSpec> parameters() {
    return activation == Activation.XIELU
        ? List.of(
            model.other(block, "mlp.act_fn.alpha_p", "activation", "", 1),
            model.other(block, "mlp.act_fn.alpha_n", "activation", "", 1),
            model.number(block, "mlp.act_fn.beta", "activation"),
            model.number(block, "mlp.act_fn.eps", "activation"))
        : List.of();
  }

  private Norm inner() {
    return innerNorm == null
        ? null
        : model.norm(block, innerNorm, "down_norm", "ffn_sub_norm", width);
  }

  private Module input(Site site, String part, String gguf, int index, LossMetric metric) {
    if (names.fused()) {
      return new Module(
          model.matrix(block, names.gate(), "gate_up", "ffn_up", 2 * width, site.width()),
          interleaved ? index : index * width,
          width,
          interleaved ? 2 : 1,
          inputBiases == null ? bias(names.gate(), 2 * width) : inputBiases,
          site,
          Basis.STREAM,
          Basis.FIXED,
          LossMetric.UNKNOWN);
    }
    boolean known =
        alone
            && gated
            && activation == Activation.SILU
            && innerNorm == null
            && after == null
            && multiplier == 1;
    String name = index == 0 ? names.gate() : names.up();
    return new Module(
        model.matrix(block, name, part, gguf, width, site.width()),
        0,
        width,
        bias(name, width),
        site,
        Basis.STREAM,
        Basis.FIXED,
        known ? metric : LossMetric.UNKNOWN);
  }

  private TensorSpec bias(String weight, int rows) {
    return biased ? model.other(block, FeedForwardNames.bias(weight), "bias", "", rows) : null;
  }
}
