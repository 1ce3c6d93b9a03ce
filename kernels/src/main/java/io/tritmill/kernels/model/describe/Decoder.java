package io.tritmill.kernels.model.describe;

import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.Basis;
import io.tritmill.kernels.model.LossMetric;
import io.tritmill.kernels.model.Module;
import io.tritmill.kernels.model.Norm;
import io.tritmill.kernels.model.Operator;
import io.tritmill.kernels.model.Site;
import io.tritmill.kernels.model.Sublayer;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.config.OtherFunctions;
import io.tritmill.kernels.model.config.RoundedInputs;
import io.tritmill.kernels.model.config.Sizes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A model while a family describes it, block after block, under the names that most checkpoints
 * have.
 */
public final class Decoder {
  private final TensorNames names;
  private final String modelType;
  private final ConfigValues values;
  private final Sizes sizes;
  private final StoredTensors stored;
  private final List<Sublayer> sublayers = new ArrayList<>();
  private int sites;
  private int stages;
  private float embeddingScale = 1;
  private float logitScale = 1;
  private float logitSoftCap;
  private boolean onePlus;
  private Norm.Kind kind = Norm.Kind.RMS;
  private float epsilon;

  /**
   * Begins.
   *
   * @throws IllegalArgumentException if there are more blocks than the checkpoint can hold
   */
  public Decoder(String modelType, ConfigValues values, Sizes sizes, StoredTensors stored) {
    this.modelType = modelType;
    this.values = values;
    this.sizes = sizes;
    epsilon = sizes.normEpsilon();
    this.stored = stored;
    OtherFunctions.refuse(modelType, values);
    stored.requireBlocks(sizes.blocks());
    names = TensorNames.of(stored);
  }

  /** Sizes of the model. */
  public Sizes sizes() {
    return sizes;
  }

  /** Gains of all norms are 1 + weight. */
  public Decoder onePlusNorms() {
    onePlus = true;
    return this;
  }

  /** Norms take the mean off, and add this to the variance. */
  public Decoder layerNorms(double added) {
    kind = Norm.Kind.LAYER;
    epsilon = (float) added;
    return this;
  }

  /** What the embedding's rows are multiplied by. */
  public Decoder embeddingScale(double scale) {
    embeddingScale = (float) scale;
    return this;
  }

  /** What logits are multiplied by, and where they are capped; 0 for no cap. */
  public Decoder logits(double scale, double softCap) {
    logitScale = (float) scale;
    logitSoftCap = (float) softCap;
    return this;
  }

  /** A norm of a block. */
  public Norm norm(int block, String name, String part, String gguf, int width) {
    return norm(block, name, part, gguf, List.of(width));
  }

  /** A norm of a block, of several vectors side by side where its gains have two dimensions. */
  public Norm norm(int block, String name, String part, String gguf, List<Integer> shape) {
    TensorSpec gains =
        new TensorSpec(
            names.inBlock(block, name + ".weight"), part, TensorNames.gguf(block, gguf), shape);
    return new Norm(kind, gains, onePlus, epsilon);
  }

  /** A norm with these gains. */
  public Norm norm(TensorSpec gains) {
    return new Norm(kind, gains, onePlus, epsilon);
  }

  /** A norm without gains. */
  Norm plainNorm() {
    return new Norm(kind, null, onePlus, epsilon);
  }

  private TensorSpec vector(int block, String name, String part, String gguf, int length) {
    return new TensorSpec(
        names.inBlock(block, name), part, TensorNames.gguf(block, gguf), List.of(length));
  }

  /** A vector of a block that is no norm's. */
  TensorSpec other(int block, String name, String part, String gguf, int length) {
    return vector(block, name, part, gguf, length);
  }

  /** A number of a block. */
  TensorSpec number(int block, String name, String part) {
    return new TensorSpec(names.inBlock(block, name), part, "", List.of());
  }

  /** A matrix of a block. */
  TensorSpec matrix(int block, String name, String part, String gguf, int rows, int columns) {
    return new TensorSpec(
        names.inBlock(block, name), part, TensorNames.gguf(block, gguf), List.of(rows, columns));
  }

  /** A tensor of a block that is of no module. */
  TensorSpec outsideModules(int block, String name, String part, List<Integer> shape) {
    return new TensorSpec(names.inBlock(block, name), part, "", shape);
  }

  /** Whether the checkpoint has a tensor of this name in a block. */
  boolean has(int block, String name) {
    return stored.has(names.inBlock(block, name));
  }

  /** The next site, in the sublayer that is described now. */
  Site site(int block, String name, int width) {
    return rounded(Site.ofAll(sites++, stages++, sublayers.size(), block, name, width));
  }

  /** Requires that the checkpoint can hold so many experts in every block. */
  void requireExperts(int ofBlock) {
    stored.requireExperts((long) sizes.blocks() * ofBlock);
  }

  /** The next sites, one for each of so many experts, in the sublayer that is described now. */
  List<Site> expertSites(int block, String name, int width, int experts, int chosen) {
    int stage = stages++;
    return IntStream.range(0, experts)
        .mapToObj(
            expert ->
                new Site(
                    sites++,
                    stage,
                    sublayers.size(),
                    block,
                    name.formatted(expert),
                    width,
                    expert,
                    (double) chosen / experts,
                    false))
        .map(this::rounded)
        .toList();
  }

  private Site rounded(Site site) {
    return RoundedInputs.in(values) ? site.withRoundedInputs() : site;
  }

  /**
   * A linear module that is all of its tensor.
   *
   * @param name of the module in its block
   * @param biased whether it has a bias
   */
  Module module(
      String name,
      String part,
      String gguf,
      int rows,
      boolean biased,
      Site site,
      Basis inputs,
      Basis outputs,
      LossMetric metric) {
    return rowsOf(name, part, gguf, rows, 0, rows, biased, site, inputs, outputs, metric);
  }

  /** A linear module that is some rows of a tensor. */
  Module rowsOf(
      String name,
      String part,
      String gguf,
      int all,
      int first,
      int rows,
      boolean biased,
      Site site,
      Basis inputs,
      Basis outputs,
      LossMetric metric) {
    int block = site.block();
    TensorSpec weight =
        new TensorSpec(
            names.inBlock(block, name + ".weight"),
            part,
            TensorNames.gguf(block, gguf),
            List.of(all, site.width()));
    TensorSpec bias = biased ? vector(block, name + ".bias", "bias", "", all) : null;
    return new Module(weight, first, rows, bias, site, inputs, outputs, metric);
  }

  /** Attention of a block, to be described further. */
  public AttentionDescription attention(int block) {
    return new AttentionDescription(this, block);
  }

  /** The delta-net of a block, to be described further. */
  public DeltaNetDescription deltaNet(int block) {
    return new DeltaNetDescription(this, block);
  }

  /** The norm before a feed-forward; null without a name. */
  public Norm feedForwardNorm(int block, String name) {
    return name == null ? null : norm(block, name, "feed_forward_norm", "ffn_norm", sizes.hidden());
  }

  /** The norm behind a feed-forward; null without a name. */
  public Norm feedForwardPostNorm(int block, String name) {
    return name == null
        ? null
        : norm(block, name, "feed_forward_post_norm", "post_ffw_norm", sizes.hidden());
  }

  /** The feed-forward of a block, to be described further. */
  public FeedForwardDescription feedForward(int block) {
    return new FeedForwardDescription(this, block);
  }

  /** A mixture of experts of a block, to be described further. */
  public ExpertsDescription experts(int block) {
    return new ExpertsDescription(this, block);
  }

  /** Ends a sublayer. */
  public void add(int block, Norm before, Operator operator, Norm after, double multiplier) {
    sublayers.add(
        new Sublayer(sublayers.size(), block, before, operator, after, (float) multiplier, null));
  }

  /** What the stream is multiplied by behind the sublayer that ended last. */
  public void scaleStream(int block, String name) {
    Sublayer last = sublayers.removeLast();
    TensorSpec scale = other(block, name, "stream_scale", "layer_output_scale", 1);
    sublayers.add(
        new Sublayer(
            last.index(),
            last.block(),
            last.before(),
            last.operator(),
            last.after(),
            last.multiplier(),
            scale));
  }

  /**
   * Ends the description. The head is tied where config.json says so and no head is stored.
   *
   * @param tied what counts where config.json does not say
   */
  public Architecture build(boolean tied) {
    TensorSpec embedding =
        outside(names.embedding(), "embedding", "token_embd", sizes.vocabulary(), sizes.hidden());
    TensorSpec head =
        outside(names.head(stored), "head", "output", sizes.vocabulary(), sizes.hidden());
    boolean same = values.flag("tie_word_embeddings", tied) && !stored.has(head.name());
    return new Architecture(
        modelType,
        sizes.vocabulary(),
        sizes.hidden(),
        sizes.maxPositions(),
        sizes.bosToken(),
        embedding,
        embeddingScale,
        sublayers,
        new Norm(
            kind,
            outside(names.outside("norm.weight"), "final_norm", "output_norm", sizes.hidden()),
            onePlus,
            epsilon),
        same ? embedding : head,
        logitScale,
        logitSoftCap);
  }

  private static TensorSpec outside(String name, String part, String gguf, Integer... shape) {
    return new TensorSpec(name, part, gguf + ".weight", List.of(shape));
  }
}
