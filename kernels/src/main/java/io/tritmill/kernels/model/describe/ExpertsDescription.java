package io.tritmill.kernels.model.describe;

import io.tritmill.kernels.model.Activation;
import io.tritmill.kernels.model.Experts;
import io.tritmill.kernels.model.FeedForward;
import io.tritmill.kernels.model.Norm;
import io.tritmill.kernels.model.Operator;
import io.tritmill.kernels.model.Parallel;
import io.tritmill.kernels.model.Router;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** A mixture of experts of one block while it is described. */
public final class ExpertsDescription {
  private static final String STACKED_GATE_UP = "mlp.experts.gate_up_proj";

  private final Decoder model;
  private final int block;
  private int experts;
  private int chosen;
  private int width;
  private IntFunction<FeedForwardNames> names =
      expert -> FeedForwardNames.under("mlp.experts." + expert);
  private String router = "mlp.gate.weight";
  private Router.Score score = Router.Score.SOFTMAX;
  private TensorSpec correction;
  private int groups = 1;
  private int keptGroups = 1;
  private boolean normalized;
  private double epsilon;
  private double scale = 1;
  private double multiplier = 1;
  private FeedForwardNames shared;
  private int sharedWidth;
  private TensorSpec sharedGate;
  private Activation activation = Activation.SILU;
  private Norm norm;
  private Norm routerNorm;
  private double logitScale = 1;
  private TensorSpec expertScales;
  private TensorSpec routerBias;
  private float limit;
  private TensorSpec inputBiases;
  private TensorSpec downBiases;
  private boolean interleaved;

  ExpertsDescription(Decoder model, int block) {
    this.model = model;
    this.block = block;
    if (model.has(block, STACKED_GATE_UP)) {
      stacked(STACKED_GATE_UP, "mlp.experts.down_proj");
    }
  }

  /**
   * Sizes.
   *
   * @param number of experts
   * @param each experts that a token meets
   * @param inner inputs of down
   */
  public ExpertsDescription sizes(int number, int each, int inner) {
    experts = number;
    chosen = each;
    width = inner;
    return this;
  }

  /** What the tensors of each expert are called. */
  public ExpertsDescription names(IntFunction<FeedForwardNames> value) {
    names = value;
    return this;
  }

  /** Experts lie in two tensors, gate above up. */
  public ExpertsDescription stacked(String gateUp, String down) {
    return names(expert -> FeedForwardNames.stacked(gateUp, down, expert));
  }

  /** What the router's weight is called. */
  public ExpertsDescription router(String name) {
    router = name;
    return this;
  }

  /** What is added to the router's logits. */
  public ExpertsDescription routerBias(String name) {
    routerBias = model.outsideModules(block, name, "router_bias", List.of(experts));
    return this;
  }

  /** Biases of the experts' modules, each an experts' row. */
  public ExpertsDescription biases(String inputs, String down) {
    inputBiases = model.outsideModules(block, inputs, "bias", List.of(experts, 2 * width));
    int hidden = model.sizes().hidden();
    downBiases = model.outsideModules(block, down, "bias", List.of(experts, hidden));
    return this;
  }

  /** Rows of gate and of up take turns in the experts' tensors. */
  public ExpertsDescription interleaved() {
    interleaved = true;
    return this;
  }

  /** Scores are logistic, each for itself. */
  public ExpertsDescription sigmoid() {
    score = Router.Score.SIGMOID;
    return this;
  }

  /** What is added to the scores for the choice alone. */
  public ExpertsDescription correction(String name, Integer... shape) {
    correction = model.outsideModules(block, name, "router_correction", List.of(shape));
    return this;
  }

  /** Runs that experts are cut into, and how many of them may be chosen from. */
  ExpertsDescription groups(int number, int kept) {
    groups = number;
    keptGroups = kept;
    return this;
  }

  /** Whether weights are divided by their sum, to which epsilon is added. */
  public ExpertsDescription normalized(boolean value, double added) {
    normalized = value;
    epsilon = added;
    return this;
  }

  /** What weights are multiplied by. */
  ExpertsDescription scale(double value) {
    scale = value;
    return this;
  }

  /** What the result is multiplied by when it is added to the stream. */
  public ExpertsDescription multiplier(double value) {
    multiplier = value;
    return this;
  }

  /**
   * A feed-forward that all tokens pass; none of width 0.
   *
   * @param gate what the logistic factor of its result is made of; null where there is none
   */
  public ExpertsDescription shared(FeedForwardNames feedForward, long inner, String gate) {
    if (inner > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "experts that all tokens meet are %d wide together, expected below 2^31"
              .formatted(inner));
    }
    shared = inner == 0 ? null : feedForward;
    sharedWidth = (int) inner;
    if (shared != null && gate != null) {
      List<Integer> shape = List.of(1, model.sizes().hidden());
      sharedGate = model.outsideModules(block, gate, "shared_expert_gate", shape);
    }
    return this;
  }

  /** What gates go through. */
  public ExpertsDescription activation(Activation value) {
    activation = value;
    return this;
  }

  /** Gates go through a SiLU whose inputs end at a limit. */
  public ExpertsDescription clampedSilu(double value) {
    limit = (float) value;
    return activation(Activation.CLAMPED_SILU);
  }

  /** A norm of what experts read, and the router does not. */
  public ExpertsDescription norm(String name) {
    norm = model.norm(block, name, "experts_norm", "pre_ffw_norm_2", model.sizes().hidden());
    return this;
  }

  /** Gains of a norm of what the router reads, and what its logits are multiplied by. */
  public ExpertsDescription routerNorm(String gains, double factor) {
    routerNorm = model.norm(gains(gains));
    logitScale = factor;
    return this;
  }

  private TensorSpec gains(String name) {
    return model.outsideModules(block, name, "router_norm", List.of(model.sizes().hidden()));
  }

  /** What the weights of each expert are multiplied by. */
  public ExpertsDescription expertScales(String name) {
    expertScales = model.outsideModules(block, name, "expert_scales", List.of(experts));
    return this;
  }

  /** Ends it. */
  public void add() {
    model.add(
        block,
        model.feedForwardNorm(block, "post_attention_layernorm"),
        operator(),
        null,
        multiplier);
  }

  private Operator operator() {
    if (shared == null) {
      return mixture();
    }
    // The shared one first: it is passed on the way to the experts' sites, not they on its own.
    Site in = model.site(block, "shared_expert", model.sizes().hidden());
    Site out = model.site(block, "shared_expert_down", sharedWidth);
    FeedForward one =
        model.feedForward(block).names(shared).width(sharedWidth).part().build(in, out);
    return new Parallel(
        List.of(new Parallel.Branch(null, one, null, sharedGate), Parallel.Branch.of(mixture())));
  }

  /** Ends it, as a part of a sublayer that is described now. */
  public Experts mixture() {
    int hidden = model.sizes().hidden();
    Router chooses =
        new Router(
            routerNorm,
            (float) logitScale,
            model.outsideModules(block, router, "router", List.of(experts, hidden)),
            routerBias,
            score,
            correction,
            groups,
            keptGroups,
            chosen,
            normalized,
            (float) epsilon,
            (float) scale,
            expertScales);
    model.requireExperts(experts);
    List<Site> in = model.expertSites(block, "expert %d", hidden, experts, chosen);
    List<Site> out = model.expertSites(block, "expert %d down", width, experts, chosen);
    List<FeedForward> all = new ArrayList<>();
    for (int expert = 0; expert < experts; expert++) {
      all.add(
          model
              .feedForward(block)
              .names(names.apply(expert))
              .activation(activation)
              .limit(limit)
              .width(width)
              .interleaved(interleaved)
              .expertBiases(inputBiases, downBiases)
              .part()
              .build(in.get(expert), out.get(expert)));
    }
    return new Experts(chooses, norm, all);
  }
}
